// Where things lie in a compiled ACL image. Compiled by asc (acl.ts) and by tsc (acl/compiler.ts): constants only.
//
// An image is one little-endian block that holds offsets only, never addresses, so it may be copied anywhere that
// is aligned to 16 bytes:
//
//   header      sizes, and for each direction its first section and where the list of its further ones lies
//   lists       per direction: byte offsets of the further sections, in the order in which they are asked, then 0
//   sections    each of one or more levels
//
// A section counts its offsets from its own start:
//
//   header      five field headers, a header per level
//   vectors     bit vectors of `wordCount` 128-bit words: bit r is the section's rule r. One per level (its rules), one of
//               the rules that allow, then those of the fields: bit r is set where rule r accepts the value
//   index       per field: tables that lead from a value to a few intervals, the root table first
//   intervals   per field: { first value u32, byte offset of the vector u32 }, ascending, the first from value 0

/** The image's own fields. */
export const ACL_IMAGE_BYTES_OFFSET = 0;
export const ACL_RULE_COUNT_OFFSET = 4;

/** Where a connection was opened from: the fNIC's virtual machine (outbound) or the network. */
export const ACL_OUTBOUND = 0;
export const ACL_INBOUND = 1;
export const ACL_DIRECTION_COUNT = 2;

/** One header per direction: { byte offset of its first section, byte offset of its list }; the lists follow. */
export const ACL_DIRECTIONS_OFFSET = 8;
export const ACL_DIRECTION_BYTES = 8;
export const ACL_DIRECTION_FURTHER_OFFSET = 4;
export const ACL_LISTS_OFFSET = 24;
export const ACL_LIST_ENTRY_BYTES = 4;

/** A section's own fields: its rules that allow, where its level headers end, and how many rules of the policy come before it. */
export const ACL_ALLOW_VECTOR_OFFSET = 0;
export const ACL_LEVELS_END_OFFSET = 4;
export const ACL_FIRST_RULE_OFFSET = 8;

/** One header per field: { byte offset of the index, byte offset of the intervals, spare u64 }. */
export const ACL_FIELDS_OFFSET = 16;
export const ACL_FIELD_BYTES = 16;
export const ACL_FIELD_INDEX_OFFSET = 0;
export const ACL_FIELD_INTERVALS_OFFSET = 4;

/** The order of the fields. */
export const ACL_FIELD_SOURCE_ADDRESS = 0;
export const ACL_FIELD_DESTINATION_ADDRESS = 1;
export const ACL_FIELD_SOURCE_PORT = 2;
export const ACL_FIELD_DESTINATION_PORT = 3;
export const ACL_FIELD_PROTOCOL = 4;
export const ACL_FIELD_COUNT = 5;

/** One header per level: { byte offset of its vector, first byte of the vector to look at, end byte, 1 = default allow }. */
export const ACL_LEVELS_OFFSET = 96;
export const ACL_LEVEL_BYTES = 16;
export const ACL_LEVEL_VECTOR_OFFSET = 0;
export const ACL_LEVEL_BEGIN_OFFSET = 4;
export const ACL_LEVEL_END_OFFSET = 8;
export const ACL_LEVEL_DEFAULT_OFFSET = 12;

export const ACL_IMAGE_ALIGNMENT_BYTES = 16;
/** Sections and their vectors begin at whole cache lines, so that a vector of Table 4 (32 bytes) never straddles two when the image is aligned to 64. */
export const ACL_SECTION_ALIGNMENT_BYTES = 64;

/** A vector is made of 128-bit words; a rule's bit is byte `rule / 8`, bit `rule % 8`. */
export const ACL_VECTOR_WORD_BYTES = 16;
export const ACL_INTERVAL_BYTES = 8;
export const ACL_INTERVAL_VECTOR_OFFSET = 4;

/** A table of an index: { shift, mask } and then one entry for each value of (value >> shift) & mask. */
export const ACL_TABLE_MASK_OFFSET = 4;
export const ACL_TABLE_HEADER_BYTES = 8;
/** Tables begin at multiples of this from the root table, and entries count in it. */
export const ACL_TABLE_UNIT_BYTES = 16;

/**
 * An entry: where the lowest bit is set, another table begins at the others; where it is clear, the interval is one of
 * ACL_WINDOW_INTERVALS from the one that the others name. As many copies of the last interval follow the intervals.
 */
export const ACL_ENTRY_BYTES = 4;
export const ACL_WINDOW_INTERVALS = 4;

/** More rules than this in one policy are refused by the compiler. */
export const ACL_RULE_COUNT_MAX = 65536;

/** A verdict is the deciding rule's place in the policy to allow and -1 minus it to deny; this stands for a level's default. */
export const ACL_DEFAULT_RULE = 0x7fffffff;

/**
 * Tuples of `aclClassifyMany`: { source address u32, destination address u32, source port u16, destination port u16,
 * protocol u16, direction u16 }.
 */
export const ACL_TUPLE_BYTES = 16;
export const ACL_TUPLE_DESTINATION_ADDRESS_OFFSET = 4;
export const ACL_TUPLE_SOURCE_PORT_OFFSET = 8;
export const ACL_TUPLE_DESTINATION_PORT_OFFSET = 10;
export const ACL_TUPLE_PROTOCOL_OFFSET = 12;
export const ACL_TUPLE_DIRECTION_OFFSET = 14;
