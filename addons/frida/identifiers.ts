// Which identifiers and states of the device an app reads, from which code: Android's own methods, and Google's advertising id.
//
// A record a read: the name, the value that the app got, the stack. It changes nothing in the target.
// Limits: fields (android.os.Build.MODEL and its like) are read without any call, so no hook can tell: compare what was
// sent with the device's known values instead. What native code reads is not seen, nor the content of files.

import { Hooked } from "./lib/agent.js";
import { serveJava } from "./lib/java-agent.js";
import { cast, find, overloads, Ref, replace, typesOf, watchOutermost } from "./lib/java.js";
import { caller } from "./lib/java-stack.js";
import { Fields, record } from "./lib/log.js";

/** The name of what a call reads: a constant, or by its arguments. */
type Name = string | ((args: Ref[]) => string);
const second: Name = (args) => String(args[1]);
const first: Name = (args) => String(args[0]);

const READS: [string, { [method: string]: Name }][] = [
  ["android.provider.Settings$Secure", { getString: second, getInt: second, getLong: second }],
  ["android.provider.Settings$Global", { getString: second, getInt: second }],
  ["android.provider.Settings$System", { getString: second, getInt: second }],
  ["com.google.android.gms.ads.identifier.AdvertisingIdClient$Info", { getId: "advertising id", isLimitAdTrackingEnabled: "advertising id limited" }],
  ["com.google.android.gms.appset.AppSetIdInfo", { getId: "app set id" }],
  ["android.os.Build", { getSerial: "serial", getRadioVersion: "radio version" }],
  ["android.os.SystemProperties", { get: first }],
  ["android.telephony.TelephonyManager", {
    getDeviceId: "device id", getImei: "imei", getMeid: "meid", getSubscriberId: "imsi", getSimSerialNumber: "sim serial",
    getLine1Number: "phone number", getNetworkOperator: "network operator", getNetworkOperatorName: "network operator name",
    getSimOperator: "sim operator", getSimOperatorName: "sim operator name", getNetworkCountryIso: "network country",
    getSimCountryIso: "sim country", getAllCellInfo: "cells",
  }],
  ["android.hardware.SensorManager", { getSensorList: "list of sensors", getDefaultSensor: "sensor", registerListener: "sensor values" }],
  ["android.content.ClipboardManager", { getPrimaryClip: "clipboard", getText: "clipboard", getPrimaryClipDescription: "clipboard description" }],
  ["android.net.wifi.WifiInfo", { getMacAddress: "wifi mac", getSSID: "ssid", getBSSID: "bssid" }],
  ["android.bluetooth.BluetoothAdapter", { getAddress: "bluetooth mac", getName: "bluetooth name" }],
  ["android.location.LocationManager", { getLastKnownLocation: "location", requestLocationUpdates: "location" }],
  ["android.accounts.AccountManager", { getAccounts: "accounts", getAccountsByType: "accounts" }],
  ["android.app.ApplicationPackageManager", { getInstalledPackages: "installed packages", getInstalledApplications: "installed packages" }],
  ["android.media.MediaDrm", { getPropertyByteArray: first, getPropertyString: first }],
  ["java.net.NetworkInterface", { getHardwareAddress: "hardware address" }],
];
const LONGEST = 2000;

const inside = new Set<number>();
const stats = { reads: 0 };

function text(value: Ref): string | null {
  if (value === null || value === undefined) {
    return null;
  }
  if (typeof value === "object" && typeof value.length === "number" && typeof value !== "string") {
    return Array.from({ length: Math.min(value.length, LONGEST) }, (_, i) => shown(value[i])).join(typeof value[0] === "number" ? "" : ", ");
  }
  const said = value.$className === "android.content.ClipData" ? clip(value) : String(value.toString());
  return said.slice(0, LONGEST);
}

function shown(one: Ref): string {
  return typeof one === "number" ? (one & 255).toString(16).padStart(2, "0") : String(one);
}

function clip(data: Ref): string {
  const parts: string[] = [];
  for (let i = 0; i < data.getItemCount(); i++) {
    const said = data.getItemAt(i).getText();
    parts.push(said === null ? "" : String(cast(said, "java.lang.Object").toString()));
  }
  return parts.join("\n");
}

function start(): Hooked {
  const found: Fields[] = [];
  const missing: string[] = ["fields of android.os.Build: read without a call"];
  for (const [name, methods] of READS) {
    const type = find(name);
    const done: string[] = [];
    for (const [method, of] of type === null ? [] : Object.entries(methods)) {
      for (const overload of overloads(type, method)) {
        const body = watchOutermost(inside, `${name}.${method}`, (_self, args, result) => {
          const { frames, package: owner, class: caused } = caller();
          stats.reads++;
          const read = typeof of === "string" ? of : of(args);
          record("identifier", { name: read, value: text(result), method: `${name}.${method}`, frames, package: owner, class: caused });
        });
        if (replace(overload, body)) {
          done.push(`${method}(${typesOf(overload).join(", ")})`);
        }
      }
    }
    if (done.length > 0) {
      found.push({ module: name, functions: done });
    } else {
      missing.push(name);
    }
  }
  return { found, missing };
}

serveJava({ name: "identifiers", version: "1", start, stats: () => ({ ...stats }) });
