// The one certificate authority that a relaxed check trusts: PEM in; "did it sign this certificate?" out.
//
// A certificate passes if it names the authority as its issuer, is within its dates, and bears the authority's RSA
// signature (PKCS #1 v1.5 with SHA-2, as mitmproxy signs). It is computed here, so that it works alike where the
// target's own X.509 functions cannot be found. Refuses authorities with other keys, and everything it cannot parse.

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const UTC_TIME = 0x17;
const VERSION = 0xa0;
const RSA_KEY = "2a864886f70d010101";
/** Signature algorithm (OID, RFC 4055): hash, and the DER that stands before it in the signed block (RFC 8017, 9.2). */
const HASHES: { [oid: string]: [ChecksumType, string] } = {
  "2a864886f70d01010b": ["sha256", "3031300d060960864801650304020105000420"],
  "2a864886f70d01010c": ["sha384", "3041300d060960864801650304020205000430"],
  "2a864886f70d01010d": ["sha512", "3051300d060960864801650304020305000440"],
};

interface Element {
  tag: number;
  /** Where it starts, where its content starts, and where it ends. */
  start: number;
  content: number;
  end: number;
}

interface Certificate {
  signed: Uint8Array;
  issuer: string;
  subject: string;
  notBefore: number;
  notAfter: number;
  algorithm: string;
  signature: bigint;
  key: { modulus: bigint; exponent: bigint; bytes: number } | null;
}

export class Authority {
  private readonly certificate: Certificate;
  private readonly der: Uint8Array;

  /** Throws where the text holds no certificate, several, or one whose key is no RSA key. */
  constructor(pem: unknown) {
    const blocks = [...String(pem ?? "").matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g)];
    if (blocks.length !== 1) {
      const wanted = 'the parameter "ca" must be the PEM text of one certificate, the proxy\'s authority';
      throw new Error(`${wanted}; it holds ${blocks.length}`);
    }
    this.der = fromBase64(blocks[0][1]);
    this.certificate = parse(this.der);
    if (this.certificate.key === null) {
      throw new Error('the certificate in "ca" has no RSA key; only RSA signatures are checked here');
    }
  }

  get sha256(): string {
    return digest("sha256", this.der);
  }

  /** Whether the authority signed this certificate (DER). What cannot be parsed it did not sign. */
  signed(der: Uint8Array): boolean {
    let leaf: Certificate;
    try {
      leaf = parse(der);
    } catch {
      return false;
    }
    const own = this.certificate;
    const now = Date.now();
    const hash = HASHES[leaf.algorithm];
    if (leaf.issuer !== own.subject || now < leaf.notBefore || now > leaf.notAfter || hash === undefined) {
      return false;
    }
    const { modulus, exponent, bytes } = own.key!;
    const block = hash[1] + digest(hash[0], leaf.signed);
    const padded = `0001${"ff".repeat(bytes - block.length / 2 - 3)}00${block}`;
    return leaf.signature < modulus && power(leaf.signature, exponent, modulus) === BigInt(`0x${padded}`);
  }
}

function parse(der: Uint8Array): Certificate {
  const whole = element(der, 0, SEQUENCE);
  const [body, outer, signature] = children(der, whole);
  const parts = children(der, body);
  if (parts[0].tag === VERSION) {
    parts.shift();
  }
  const [, inner, issuer, validity, subject, keyInfo] = parts;
  const algorithm = hex(der, children(der, outer)[0]);
  const unused = der[signature.content];
  const [told, again] = [inner, outer].map(({ start, end }) => hex(der, { content: start, end }));
  if (told !== again || signature.tag !== BIT_STRING || unused !== 0 || whole.end !== der.length) {
    throw new Error("it is no certificate");
  }
  const [notBefore, notAfter] = children(der, validity).map((time) => timeOf(der, time));
  return {
    signed: der.subarray(body.start, body.end),
    issuer: hex(der, issuer),
    subject: hex(der, subject),
    notBefore,
    notAfter,
    algorithm,
    signature: BigInt(`0x${hex(der, { ...signature, content: signature.content + 1 })}`),
    key: keyOf(der, keyInfo),
  };
}

function keyOf(der: Uint8Array, info: Element): Certificate["key"] {
  const [algorithm, bits] = children(der, info);
  if (hex(der, children(der, algorithm)[0]) !== RSA_KEY) {
    return null;
  }
  const [modulus, exponent] = children(der, element(der, bits.content + 1, SEQUENCE));
  if (modulus.tag !== INTEGER || exponent.tag !== INTEGER) {
    throw new Error("its RSA key is none");
  }
  const digits = hex(der, modulus).replace(/^(00)+/, "");
  return { modulus: BigInt(`0x${digits}`), exponent: BigInt(`0x${hex(der, exponent)}`), bytes: digits.length / 2 };
}

/** The element at a place of the DER. Throws if it is cut, or not of this tag. */
function element(der: Uint8Array, start: number, tag?: number): Element {
  const first = der[start + 1];
  const longer = first & 0x80 ? first & 0x7f : 0;
  let length = first;
  if (longer > 0) {
    length = der.subarray(start + 2, start + 2 + longer).reduce((sum, byte) => sum * 256 + byte, 0);
  }
  const content = start + 2 + longer;
  const end = content + length;
  if (!(end <= der.length) || longer > 4 || (tag !== undefined && der[start] !== tag)) {
    throw new Error("it is no certificate");
  }
  return { tag: der[start], start, content, end };
}

function children(der: Uint8Array, of: Element): Element[] {
  const found: Element[] = [];
  for (let at = of.content; at < of.end; at = found[found.length - 1].end) {
    found.push(element(der, at));
  }
  return found;
}

/** UTCTime or GeneralizedTime, as RFC 5280 allows them, in milliseconds. */
function timeOf(der: Uint8Array, time: Element): number {
  let said = String.fromCharCode(...der.subarray(time.content, time.end));
  if (time.tag === UTC_TIME) {
    said = (said < "50" ? "20" : "19") + said;
  }
  const [, ...fields] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(said) ?? [];
  if (fields.length === 0) {
    throw new Error("a date of it is none");
  }
  const [year, month, day, hour, minute, second] = fields.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % modulus) {
    if (rest & 1n) {
      result = (result * square) % modulus;
    }
  }
  return result;
}

export function digest(hash: ChecksumType, bytes: Uint8Array): string {
  return Checksum.compute(hash, bytes.slice().buffer as ArrayBuffer);
}

function hex(der: Uint8Array, of: { content: number; end: number }): string {
  return Array.from(der.subarray(of.content, of.end), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromBase64(text: string): Uint8Array {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const found: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of text.replace(/[\s=]/g, "")) {
    const value = digits.indexOf(character);
    if (value < 0) {
      throw new Error('the parameter "ca" is no PEM text');
    }
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      found.push((held >> bits) & 0xff);
    }
  }
  return Uint8Array.from(found);
}
