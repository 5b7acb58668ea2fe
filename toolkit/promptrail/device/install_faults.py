"""What a device's package manager says when it takes no app, and what to do: rows beside those of adb_faults.py.

The names are those of android.content.pm.PackageManager; a text that no row knows is told as it is.
"""

from promptrail.device.adb_faults import LINK, SYSTEM, Fault

INSTALLING = (
    Fault(
        "abi",
        r"INSTALL_FAILED_NO_MATCHING_ABIS|INSTALL_FAILED_CPU_ABI_INCOMPATIBLE",
        "The app's native code is for another processor: an app for arm64 only needs an arm64 device, or an x86_64 "
        "emulator image of the kind google_apis from API 30 on, which translates it",
    ),
    Fault(
        "splits",
        r"INSTALL_FAILED_MISSING_SPLIT",
        "This is one part of an app that comes in several: give the folder with base.apk and every split, or the "
        ".apks, .xapk or .apkm that holds them",
    ),
    Fault(
        "other-signer",
        r"INSTALL_FAILED_UPDATE_INCOMPATIBLE|INSTALL_FAILED_SHARED_USER_INCOMPATIBLE|signatures do not match",
        "The app is there already, signed by somebody else: find out which one is genuine, then `adb uninstall` the "
        "other",
    ),
    Fault(
        "downgrade",
        r"INSTALL_FAILED_VERSION_DOWNGRADE",
        "A newer version is installed: `adb uninstall` it first; its data go with it",
    ),
    Fault(
        "older-system",
        r"INSTALL_FAILED_OLDER_SDK",
        "The app needs a newer Android than this device has: take an emulator image of the API level it asks for",
    ),
    Fault(
        "old-target",
        r"INSTALL_FAILED_DEPRECATED_SDK_VERSION",
        "Android 14 and newer refuse apps made for so old a system: take an older image, or "
        "`adb install --bypass-low-target-sdk-block`",
    ),
    Fault(
        "unsigned",
        r"INSTALL_PARSE_FAILED_NO_CERTIFICATES|INSTALL_PARSE_FAILED_INCONSISTENT_CERTIFICATES",
        "The signature does not hold, or its parts have different ones: the file was changed or is not whole. Get it "
        "again, and keep both for the record",
    ),
    Fault(
        "no-space",
        r"INSTALL_FAILED_INSUFFICIENT_STORAGE|not enough space|no space left on device",
        "The device is full: remove an app, or give the emulator a larger data partition",
    ),
    Fault(
        "test-only",
        r"INSTALL_FAILED_TEST_ONLY",
        "This is a developer's build that is marked for tests only: `adb install -t`, and say so in the record",
    ),
    Fault(
        "refused-by-person",
        r"INSTALL_FAILED_USER_RESTRICTED|INSTALL_FAILED_VERIFICATION_FAILURE|INSTALL_FAILED_ABORTED",
        "The device asked, and was not allowed to: confirm its dialog, allow installing over USB in the developer "
        "options, or answer Play Protect",
    ),
    Fault(
        "not-an-apk",
        r"INSTALL_PARSE_FAILED_NOT_APK|INSTALL_FAILED_INVALID_APK|INSTALL_PARSE_FAILED_\w+",
        "The device cannot read this file as an app: it is damaged, no APK, or its parts do not belong together",
    ),
)
FAULTS = (*INSTALLING, *LINK, *SYSTEM)
