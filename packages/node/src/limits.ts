/** Every limit of the processes has a name here, with the reason for its size. */

/** Bytes of a journal's or space's name: a word and an id in hex with room. */
export const STORE_NAME_BYTES_MAX = 128
/** Bytes of a key: a machine's id and a number need 40. */
export const STORE_KEY_BYTES_MAX = 128
/** Bytes of one value: a bundle part's worth, see `BUNDLE_PART_BYTES_MAX`. */
export const STORE_VALUE_BYTES_MAX = 16_777_216
/** Bytes of a value that stands in its entry's own row. Larger ones lie apart, so that walking a journal skips them. */
export const STORE_INLINE_BYTES_MAX = 256
/** Appends and puts of one unit. */
export const STORE_UNIT_ITEMS_MAX = 1024
/** Keys and values of one unit together: four of the largest. */
export const STORE_UNIT_BYTES_MAX = 67_108_864
/** Units that share one sync. */
export const STORE_BATCH_UNITS_MAX = 512
/** Bytes after which a batch takes no further unit. */
export const STORE_BATCH_BYTES_MAX = 8_388_608
/** Units that wait for their turn. More than this means that the disk does not keep up, and the caller has to know. */
export const STORE_WAITING_MAX = 16_384
/** Entries or records of one page. A page on the thread that serves requests takes some milliseconds. */
export const STORE_PAGE_ITEMS_MAX = 4096
/** Bytes of values after which a page ends, however few it has. */
export const STORE_PAGE_BYTES_MAX = 1_048_576
/** Journals, and spaces, of one store: an inbox for each of a million devices. */
export const STORE_NAMES_MAX = 1_048_576
/** Entries of one journal. Together with the names this fits the 53 bits that a number counts exactly. */
export const STORE_ENTRIES_MAX = 4_294_967_296
/** Latest time that a number of milliseconds holds exactly. */
export const STORE_TIME_MAX = 9_007_199_254_740_991n
/** Bytes of each of the two areas of a vow guard: some seconds of large vows, many of small ones. */
export const GUARD_AREA_BYTES = 16_777_216
/** Bytes of a manifest's file, in digits or in YAML: several times those of a manifest that fits an interaction. */
export const MANIFEST_FILE_BYTES_MAX = 1_048_576
/** Levels of a manifest in YAML: a field of an endpoint of an interface is on the eighth. */
export const MANIFEST_YAML_DEPTH_MAX = 16
