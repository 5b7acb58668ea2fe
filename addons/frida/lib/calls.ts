// The target's own functions as calls: made at first use, null where the library has no such function.
//
// A call triggers nobody's hooks: the agent's own would see it at work. It holds the agent's lock while it runs, so
// that what the agent does around it is one step; what may wait for another thread is called without ("cooperative").

import { Functions } from "./library.js";

type Call = (...args: any[]) => any;

export class Calls {
  private made = new Map<string, Call>();

  constructor(readonly functions: Functions) {}

  get(
    name: string,
    result: NativeFunctionReturnType,
    args: NativeFunctionArgumentType[],
    scheduling: SchedulingBehavior = "exclusive",
  ): Call | null {
    const address = this.functions[name];
    if (address === undefined) {
      return null;
    }
    let call = this.made.get(name);
    if (call === undefined) {
      call = new NativeFunction(address, result, args, { scheduling, traps: "none" }) as unknown as Call;
      this.made.set(name, call);
    }
    return call;
  }
}
