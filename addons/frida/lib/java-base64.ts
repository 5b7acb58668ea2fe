// Bytes as base64 text, as hook.jsonl holds them.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    parts.push(DIGITS[word >> 18] + DIGITS[(word >> 12) & 63]
      + (i + 1 < bytes.length ? DIGITS[(word >> 6) & 63] : "=") + (i + 2 < bytes.length ? DIGITS[word & 63] : "="));
  }
  return parts.join("");
}
