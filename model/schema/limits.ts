/** Bounds of a request. Every one of them is named in the error that it causes. */

/** Length of a name of an action, an operating system, a production line. */
export const MAX_NAME_LENGTH = 64;
/** UTF-8 bytes of one value of the identity, a parameter or an environment variable. */
export const MAX_VALUE_BYTES = 8 * 1024;
/** Parameters of one action; also environment variables of one action, and entries of the identity. */
export const MAX_ENTRIES = 64;
/** UTF-8 bytes of one script after normalisation. */
export const MAX_SCRIPT_BYTES = 256 * 1024;
/** Bytes of one file. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** Bytes of all scripts, files and variables of a request together: they may have to fit on one ISO image. */
export const MAX_TOTAL_BYTES = 48 * 1024 * 1024;
/** Files of all actions of a request together. */
export const MAX_TOTAL_FILES = 4000;
/** Bytes of all parameters and environment variables of one action, names included: the guest takes 128 KiB. */
export const MAX_ENVIRONMENT_BYTES = 96 * 1024;
/** Files of one action or ISO image. */
export const MAX_FILES = 1000;
/** Characters of a file's path; the guest takes 255, some of which are its directory on the ISO image. */
export const MAX_PATH_LENGTH = 200;
/** Characters between two slashes of a file's path, as the ISO image can hold them. */
export const MAX_PATH_PART_LENGTH = 150;
/** How deep error-handling sub-graphs nest: a handler, its handler, and that one's handler. */
export const MAX_HANDLER_DEPTH = 3;
export const MAX_RETRIES = 10;
export const DEFAULT_TIMEOUT_SECONDS = 300;
export const MAX_TIMEOUT_SECONDS = 86_400;
/** Ten years. */
export const MAX_AGE_SECONDS = 315_360_000;
export const MAX_VCPUS = 64;
export const MIN_MEMORY_MIB = 32;
export const MAX_MEMORY_MIB = 1_048_576;
export const DEFAULT_MEMORY_MIB = 512;
/** 16 TiB. */
export const MAX_DISK_MIB = 16_777_216;
/** Violations that one error carries. */
export const MAX_VIOLATIONS = 20;
/** Values and fields in a request, counted with repetition where an alias repeats them. */
export const MAX_NODES = 100_000;
/** Entries of one list; the longest legal one is an `after`. */
export const MAX_LIST_LENGTH = 5_000;
/** Fields of one object, known or not. */
export const MAX_FIELDS = 256;
/** How deep the values of a request nest; a valid one needs less than 20. */
export const MAX_DEPTH = 32;
