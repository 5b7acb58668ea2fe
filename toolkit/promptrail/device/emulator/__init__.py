"""The Android emulator of the SDK: an AVD in, a booted device out that ends with us; one file a matter.

    with Emulator("inv34", headless=True) as running:       # promptrail.device.emulator.running
        running.device().shell("getprop ro.build.fingerprint")

No SDK and no Android image was at hand when this was written: the command lines are after public documentation
(developer.android.com: sdkmanager, avdmanager, emulator-commandline, emulator-console), not run by us. What ran is the
real adb with stand-ins for the SDK's programs; `promptrail emulator checklist` is for the first person who has them.
"""
