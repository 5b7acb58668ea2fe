"""How much of a package is read: a package is made by whoever made the app, and may be made to exhaust its reader.

What goes over a limit is named in the identity's `unread`, with the limit.
"""

MIB = 1 << 20
FILES = 500
"""Package files of one app: splits and what an archive of packages holds."""
PACKAGE = 4 << 30
"""Bytes of all package files in one archive of them, unpacked."""
DIRECTORY = 16 * MIB
"""Bytes of a ZIP file's directory; each entry takes 46 of them and its name."""
ENTRIES = 50_000
"""Entries of one package file whose content is looked at for addresses; all are listed."""
ENTRY = 256 * MIB
"""Bytes of one entry, unpacked."""
TOTAL = 1536 * MIB
"""Bytes of all entries of one app, unpacked."""
RATIO, RATIO_FROM = 250, 8 * MIB
"""How many times its packed size an entry may be, once it is longer than that. Real packages stay below 100."""
COMPILED = 64 * MIB
"""Bytes of a manifest, a resource table or another compiled XML file that is handed to androguard."""
SECONDS = 30.0
"""How long androguard may work for one app, in all."""
MEMORY = 2048 * MIB
"""Address space of the process in which androguard runs, where the system can limit it."""
NODES = 200_000
"""Elements of one compiled XML file."""
DEX_FACTOR = 4
"""How often the bytes of a DEX file may be handed out as strings: its strings do not overlap, a forged table's do."""
DEX_ITEMS = 4_000_000
"""Strings, types and classes of one DEX file, all its parts together. A format of 16-bit indices fills far less."""
ADDRESSES = 200_000
"""How many times an address or the end of a name is looked at in one app."""
DOTS = 2_000_000
"""Dots of one native library; with more it is searched for addresses, and not for bare names."""
HOSTS, URLS, PLACES = 5_000, 20, 20
"""Hosts of one app, and addresses and places told of one host."""
LINKS = 500
"""Deep links of one app."""
TEXT = 500
"""Characters of a text out of a package that is told."""
