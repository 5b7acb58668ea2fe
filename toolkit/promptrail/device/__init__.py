"""What stands between us and an app: device, emulator, CA, routing, proxy, hooks, scenarios, and recording."""
