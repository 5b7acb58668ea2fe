// Asks lib/certificate.ts of the agents whether an authority (PEM) signed a certificate (bytes).

import { Authority } from "../../../addons/frida/lib/certificate.js";

rpc.exports = {
  signed: (pem: string, der: number[]): boolean => new Authority(pem).signed(Uint8Array.from(der)),
};
