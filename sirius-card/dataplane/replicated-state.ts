// A ping carries the state that the primary has written, so that the copy is the same whatever the secondary knew before.

/** In `Packet.origin`, beside the number of the card that sent the packet. */
const CARD_MASK: u32 = 15;
const SHIFT_STATE: u32 = 4;
const STATE_MASK: u32 = 7;
const INITIATOR_IS_LOW: u32 = 128;

// @ts-ignore: decorator
@inline
export function originOf(card: u32, state: u32, initiatorIsLow: bool): u8 {
  return <u8>(card | (state << SHIFT_STATE) | (initiatorIsLow ? INITIATOR_IS_LOW : 0));
}

// @ts-ignore: decorator
@inline
export function originCard(origin: u8): u32 {
  return <u32>origin & CARD_MASK;
}

// @ts-ignore: decorator
@inline
export function originState(origin: u8): u8 {
  return <u8>((<u32>origin >> SHIFT_STATE) & STATE_MASK);
}

// @ts-ignore: decorator
@inline
export function originInitiatorIsLow(origin: u8): bool {
  return (<u32>origin & INITIATOR_IS_LOW) != 0;
}

/** Of two states of one connection the one that it came to later: a connection only goes on, and states are numbered so. */
// @ts-ignore: decorator
@inline
export function laterState(known: u8, told: u8): u8 {
  return told > known ? told : known;
}
