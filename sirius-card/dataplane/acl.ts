/**
 * Access control lists: a packet's five fields each choose a bit vector of the rules that accept them; the AND of the
 * five holds the rules that match, and the first set bit of each level is that level's rule (acl/section.ts).
 */
import {
  ACL_ALLOW_VECTOR_OFFSET,
  ACL_DEFAULT_RULE,
  ACL_DIRECTION_BYTES,
  ACL_DIRECTION_COUNT,
  ACL_DIRECTION_FURTHER_OFFSET,
  ACL_DIRECTIONS_OFFSET,
  ACL_ENTRY_BYTES,
  ACL_FIELD_BYTES,
  ACL_FIELD_DESTINATION_ADDRESS,
  ACL_FIELD_DESTINATION_PORT,
  ACL_FIELD_INDEX_OFFSET,
  ACL_FIELD_INTERVALS_OFFSET,
  ACL_FIELD_PROTOCOL,
  ACL_FIELD_SOURCE_ADDRESS,
  ACL_FIELD_SOURCE_PORT,
  ACL_FIELDS_OFFSET,
  ACL_FIRST_RULE_OFFSET,
  ACL_IMAGE_ALIGNMENT_BYTES,
  ACL_INTERVAL_BYTES,
  ACL_INTERVAL_VECTOR_OFFSET,
  ACL_LEVEL_BEGIN_OFFSET,
  ACL_LEVEL_BYTES,
  ACL_LEVEL_DEFAULT_OFFSET,
  ACL_LEVEL_END_OFFSET,
  ACL_LEVEL_VECTOR_OFFSET,
  ACL_LEVELS_END_OFFSET,
  ACL_LEVELS_OFFSET,
  ACL_LIST_ENTRY_BYTES,
  ACL_TABLE_HEADER_BYTES,
  ACL_TABLE_MASK_OFFSET,
  ACL_TABLE_UNIT_BYTES,
  ACL_TUPLE_BYTES,
  ACL_TUPLE_DESTINATION_ADDRESS_OFFSET,
  ACL_TUPLE_DESTINATION_PORT_OFFSET,
  ACL_TUPLE_DIRECTION_OFFSET,
  ACL_TUPLE_PROTOCOL_OFFSET,
  ACL_TUPLE_SOURCE_PORT_OFFSET,
  ACL_VECTOR_WORD_BYTES,
  ACL_WINDOW_INTERVALS,
} from './acl-layout';

/**
 * The verdict of a compiled policy on a new flow: at least 0 to allow, below 0 to deny. The levels of its direction are asked in
 * order and the first that denies ends it; the verdict names the rule of the last level asked (ACL_DEFAULT_RULE for its default).
 * Addresses and ports are in host order; ports are below 65536 and the protocol below 256.
 */
export function aclClassify(
  image: usize,
  direction: u32,
  sourceAddress: u32,
  destinationAddress: u32,
  sourcePort: u32,
  destinationPort: u32,
  protocol: u32,
): i32 {
  assert((image & (ACL_IMAGE_ALIGNMENT_BYTES - 1)) == 0);
  assert((sourcePort | destinationPort) < 65536 && protocol < 256 && direction < <u32>ACL_DIRECTION_COUNT);
  const header = image + ACL_DIRECTIONS_OFFSET + direction * ACL_DIRECTION_BYTES;
  const section = image + load<u32>(header);
  const verdict = classifySection(section, sourceAddress, destinationAddress, sourcePort, destinationPort, protocol);
  if (verdict < 0) return verdict;
  const further = image + load<u32>(header, ACL_DIRECTION_FURTHER_OFFSET);
  if (load<u32>(further) == 0) return verdict;
  return classifyFurther(image, further, sourceAddress, destinationAddress, sourcePort, destinationPort, protocol);
}

/** The verdict of the sections of a list, one at least. A function of its own, so that a policy of one section does not pay for the loop. */
function classifyFurther(
  image: usize,
  list: usize,
  sourceAddress: u32,
  destinationAddress: u32,
  sourcePort: u32,
  destinationPort: u32,
  protocol: u32,
): i32 {
  let verdict: i32 = ACL_DEFAULT_RULE;
  for (let offset = load<u32>(list); offset != 0; list += ACL_LIST_ENTRY_BYTES, offset = load<u32>(list)) {
    verdict = classifySection(image + offset, sourceAddress, destinationAddress, sourcePort, destinationPort, protocol);
    if (verdict < 0) break;
  }
  return verdict;
}

/** The verdict of the levels of one section; rules are named by their place in the whole policy. */
// @ts-ignore: decorator
@inline
function classifySection(
  section: usize,
  sourceAddress: u32,
  destinationAddress: u32,
  sourcePort: u32,
  destinationPort: u32,
  protocol: u32,
): i32 {
  const sources = vectorOf(section, ACL_FIELD_SOURCE_ADDRESS, sourceAddress);
  const destinations = vectorOf(section, ACL_FIELD_DESTINATION_ADDRESS, destinationAddress);
  const sourcePorts = vectorOf(section, ACL_FIELD_SOURCE_PORT, sourcePort);
  const destinationPorts = vectorOf(section, ACL_FIELD_DESTINATION_PORT, destinationPort);
  const protocols = vectorOf(section, ACL_FIELD_PROTOCOL, protocol);
  const allowed = section + load<u32>(section, ACL_ALLOW_VECTOR_OFFSET);
  const levelsEnd = section + load<u32>(section, ACL_LEVELS_END_OFFSET);

  let verdict: i32 = ACL_DEFAULT_RULE;
  for (let level = section + ACL_LEVELS_OFFSET; level < levelsEnd; level += ACL_LEVEL_BYTES) {
    const mask = section + load<u32>(level, ACL_LEVEL_VECTOR_OFFSET);
    const end = load<u32>(level, ACL_LEVEL_END_OFFSET);
    let allow = load<u32>(level, ACL_LEVEL_DEFAULT_OFFSET) != 0;
    verdict = ACL_DEFAULT_RULE;
    for (let at = load<u32>(level, ACL_LEVEL_BEGIN_OFFSET); at < end; at += ACL_VECTOR_WORD_BYTES) {
      const addresses = v128.and(v128.load(sources + at), v128.load(destinations + at));
      const ports = v128.and(v128.load(sourcePorts + at), v128.load(destinationPorts + at));
      const others = v128.and(v128.load(protocols + at), v128.load(mask + at));
      const matches = v128.and(v128.and(addresses, ports), others);
      if (v128.any_true(matches)) {
        const bit = firstBit(matches);
        verdict = load<i32>(section, ACL_FIRST_RULE_OFFSET) + <i32>(at << 3) + bit;
        allow = ((load<u8>(allowed + at + (bit >> 3)) >> (bit & 7)) & 1) != 0;
        break;
      }
    }
    if (!allow) return -1 - verdict;
  }
  return verdict;
}

/** Classifies `count` tuples (ACL_TUPLE_*) and stores one i32 verdict for each; returns how many are allowed. */
export function aclClassifyMany(image: usize, tuples: usize, count: i32, verdicts: usize): i32 {
  let allowed = 0;
  for (let i = 0; i < count; i++) {
    const verdict = aclClassify(
      image,
      load<u16>(tuples, ACL_TUPLE_DIRECTION_OFFSET),
      load<u32>(tuples),
      load<u32>(tuples, ACL_TUPLE_DESTINATION_ADDRESS_OFFSET),
      load<u16>(tuples, ACL_TUPLE_SOURCE_PORT_OFFSET),
      load<u16>(tuples, ACL_TUPLE_DESTINATION_PORT_OFFSET),
      load<u16>(tuples, ACL_TUPLE_PROTOCOL_OFFSET),
    );
    store<i32>(verdicts, verdict);
    allowed += verdict >= 0 ? 1 : 0;
    tuples += ACL_TUPLE_BYTES;
    verdicts += sizeof<i32>();
  }
  return allowed;
}

/** The bit vector of the rules that accept `value` in a field: the last interval that starts at or below it. */
// @ts-ignore: decorator
@inline
function vectorOf(section: usize, field: i32, value: u32): usize {
  const header = section + ACL_FIELDS_OFFSET + field * ACL_FIELD_BYTES;
  const index = section + load<u32>(header, ACL_FIELD_INDEX_OFFSET);
  let entry = tableEntry(index, value);
  while ((entry & 1) != 0) {
    assert(entry != 1); // Only the root is at 0, and no entry leads back to it.
    entry = tableEntry(index + (entry >> 1) * ACL_TABLE_UNIT_BYTES, value);
  }
  let interval = section + load<u32>(header, ACL_FIELD_INTERVALS_OFFSET) + (entry >> 1) * ACL_INTERVAL_BYTES;
  // Always the same two steps: what lies beyond the slot starts above the value, and a branch would be guessed wrongly.
  interval = laterInterval(interval, ACL_WINDOW_INTERVALS / 2, value);
  interval = laterInterval(interval, ACL_WINDOW_INTERVALS / 4, value);
  return section + load<u32>(interval, ACL_INTERVAL_VECTOR_OFFSET);
}

/** The interval `count` further on where that does not start above the value. */
// @ts-ignore: decorator
@inline
function laterInterval(interval: usize, count: usize, value: u32): usize {
  const later = interval + count * ACL_INTERVAL_BYTES;
  return select<usize>(later, interval, load<u32>(later) <= value);
}

// @ts-ignore: decorator
@inline
function tableEntry(table: usize, value: u32): u32 {
  const slot = (value >> load<u32>(table)) & load<u32>(table, ACL_TABLE_MASK_OFFSET);
  return load<u32>(table + slot * ACL_ENTRY_BYTES, ACL_TABLE_HEADER_BYTES);
}

/** Index of the lowest set bit of a word that is not zero. */
// @ts-ignore: decorator
@inline
function firstBit(word: v128): i32 {
  const low = v128.extract_lane<u64>(word, 0);
  if (low != 0) return <i32>ctz(low);
  return 64 + <i32>ctz(v128.extract_lane<u64>(word, 1));
}
