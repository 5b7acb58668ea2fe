// What an app asks its user and what the user answers, as events: dialogs that are shown and closed, clicks, check boxes.
//
// Each event has the text that stood on the screen, so that what was sent before and after a consent can be told apart.
// It changes nothing in the target. Limits: screens drawn without Android's views (Jetpack Compose, Flutter, web pages)
// show neither dialogs nor clicks here; a video of the screen does.

import Java from "frida-java-bridge";
import { Hooked } from "./lib/agent.js";
import { serveJava } from "./lib/java-agent.js";
import { cast, find, overloads, Ref, replace, typesOf, watch, watchBefore } from "./lib/java.js";
import { Fields, record } from "./lib/log.js";

/** android.R.id.message, where AlertDialog writes what it says. */
const MESSAGE = 0x0102000b;
const LONGEST = 2000;

/** The event of a call: its name, and the text on the screen. */
type Tell = (self: Ref, args: Ref[]) => [string, string];
/** A dialog has its text once it is shown; a click is told before what it sets off. */
type When = "before" | "after";
const CALLS: [string, string, When, Tell][] = [
  ["android.app.Dialog", "show", "after", (dialog) => ["dialog shown", dialogText(dialog)]],
  ["android.app.Dialog", "dismiss", "before", (dialog) => ["dialog closed", dialogText(dialog)]],
  ["android.view.View", "performClick", "before", (view) => ["click", viewText(view)]],
  ["android.widget.CompoundButton", "setChecked", "before", (view, args) => [args[0] ? "checked" : "unchecked", viewText(view)]],
];

const stats = { events: 0 };

function dialogText(dialog: Ref): string {
  const window = dialog.getWindow();
  const title = window === null ? null : window.getAttributes().getTitle();
  const message = dialog.findViewById.overload("int").call(dialog, MESSAGE);
  const parts = [title === null ? "" : textOf(title), message === null ? "" : viewText(message)];
  return parts.filter((part) => part !== "").join(": ") || String(dialog.$className);
}

/** The text of a view, or its description, or its name in the app's resources; its class where it has none of them. */
function viewText(view: Ref): string {
  const TextView = find("android.widget.TextView");
  if (TextView !== null && TextView.class.isInstance(view)) {
    const said = textOf((Java.cast(view, TextView) as Ref).getText());
    if (said !== "") {
      return said;
    }
  }
  const described = view.getContentDescription();
  return described === null ? String(view.$className) : textOf(described);
}

function textOf(characters: Ref): string {
  return characters === null ? "" : String(typeof characters === "string" ? characters : cast(characters, "java.lang.Object").toString()).slice(0, LONGEST);
}

function start(): Hooked {
  const found: Fields[] = [];
  const missing: string[] = [];
  for (const [name, method, when, tell] of CALLS) {
    const type = find(name);
    const body = (when === "before" ? watchBefore : watch)(`${name}.${method}`, (self, args) => {
      const [event, label] = tell(self, args);
      stats.events++;
      record("event", { event, label, class: String(self.$className) });
    });
    const done: Ref[] = type === null ? [] : overloads(type, method).filter((overload) => replace(overload, body));
    if (done.length > 0) {
      found.push({ module: name, functions: done.map((overload) => `${method}(${typesOf(overload).join(", ")})`) });
    } else {
      missing.push(`${name}.${method}`);
    }
  }
  return { found, missing };
}

serveJava({ name: "consent", version: "1", start, stats: () => ({ ...stats }) });
