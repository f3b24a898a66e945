import { describe, expect, it } from 'vitest';
import { DropReason } from '../core/dataplane/contract.js';
import { type DataPlaneBuild, loadDataPlane } from '../core/dataplane-module.js';
import { FlowAction, FlowFlag, FlowState } from './dataplane/flow-layout.js';

const TCP_FLAG_BITS: Record<string, number> = {
  FIN: 1,
  SYN: 2,
  RST: 4,
  PSH: 8,
  ACK: 16,
  URG: 32,
  ECE: 64,
  CWR: 128,
};
const BUILDS: DataPlaneBuild[] = ['release', 'debug'];

type ActionName = keyof typeof FlowAction;
type StateName = keyof typeof FlowState;
/** Sender (i: initiator, r: responder) and TCP flags, the action expected, the state that the record has after it. */
type Step = [segment: string, action: ActionName, stateAfter: StateName];

interface Scenario {
  name: string;
  steps: Step[];
  /** The record before the first segment; none by default. */
  state?: StateName;
  recordFlags?: number;
  /** The ping-pong never completes: the poison bit stays after newFlow and update. */
  keepsPoison?: boolean;
}

const OPENING: Step[] = [
  ['i SYN', 'newFlow', 'synSent'],
  ['r SYN ACK', 'forward', 'synSent'],
  ['i ACK', 'forward', 'synSent'],
];

const HAPPY: Scenario[] = [
  {
    name: 'normal close, six packets',
    steps: [
      ...OPENING,
      ['i FIN ACK', 'update', 'finFromInitiator'],
      ['r FIN ACK', 'update', 'finBothInitiatorFirst'],
      ['i ACK', 'close', 'closed'],
    ],
  },
  {
    name: 'normal close by the responder, the FIN acknowledged by itself, data in the half-closed connection',
    steps: [
      ...OPENING,
      ['r FIN ACK', 'update', 'finFromResponder'],
      ['i ACK', 'forward', 'finFromResponder'],
      ['i PSH ACK', 'forward', 'finFromResponder'],
      ['r ACK', 'forward', 'finFromResponder'],
      ['i FIN ACK', 'update', 'finBothResponderFirst'],
      ['r ACK', 'close', 'closed'],
    ],
  },
  {
    name: 'FIN without ACK, as a literal reading of the paper has it',
    steps: [
      ...OPENING,
      ['i FIN', 'update', 'finFromInitiator'],
      ['r FIN ACK', 'update', 'finBothInitiatorFirst'],
    ],
  },
  {
    name: 'simultaneous close: the responder acknowledges the first FIN before the initiator the second',
    steps: [
      ...OPENING,
      ['i FIN ACK', 'update', 'finFromInitiator'],
      ['r FIN ACK', 'update', 'finBothInitiatorFirst'],
      ['r ACK', 'forward', 'finBothInitiatorFirst'],
      ['i ACK', 'close', 'closed'],
    ],
  },
  {
    name: 'simultaneous close, the other order: the ACK after the closing one still passes',
    steps: [
      ...OPENING,
      ['r FIN ACK', 'update', 'finFromResponder'],
      ['i FIN ACK', 'update', 'finBothResponderFirst'],
      ['r ACK', 'close', 'closed'],
      ['i ACK', 'forward', 'closed'],
    ],
  },
  {
    name: 'simultaneous open',
    steps: [
      ['i SYN', 'newFlow', 'synSent'],
      ['r SYN', 'judge', 'synSent'],
      ['i SYN ACK', 'forward', 'synSent'],
      ['r SYN ACK', 'forward', 'synSent'],
      ['i ACK', 'forward', 'synSent'],
    ],
  },
  { name: 'SYN with ECN bits', steps: [['i SYN ECE CWR', 'newFlow', 'synSent']] },
  {
    name: 'SYN retransmitted after its ping-pong completed',
    steps: [
      ['i SYN', 'newFlow', 'synSent'],
      ['i SYN', 'judge', 'synSent'],
    ],
  },
  {
    name: 'FINs and last ACK retransmitted after their ping-pongs completed',
    steps: [
      ...OPENING,
      ['i FIN ACK', 'update', 'finFromInitiator'],
      ['i FIN ACK', 'forward', 'finFromInitiator'],
      ['r FIN ACK', 'update', 'finBothInitiatorFirst'],
      ['r FIN ACK', 'forward', 'finBothInitiatorFirst'],
      ['i ACK', 'close', 'closed'],
      ['r FIN ACK', 'forward', 'closed'],
      ['i ACK', 'forward', 'closed'],
    ],
  },
  {
    name: "data after the sender's FIN may be a retransmission",
    steps: [
      ...OPENING,
      ['i FIN ACK', 'update', 'finFromInitiator'],
      ['i PSH ACK', 'forward', 'finFromInitiator'],
      ['r ACK', 'forward', 'finFromInitiator'],
    ],
  },
  {
    name: 'SYN reuses the addresses and ports after the close',
    steps: [
      ...OPENING,
      ['i FIN ACK', 'update', 'finFromInitiator'],
      ['r FIN ACK', 'update', 'finBothInitiatorFirst'],
      ['i ACK', 'close', 'closed'],
      ...OPENING,
    ],
  },
  {
    name: 'SYN reuses them before the last ACK',
    state: 'finBothResponderFirst',
    steps: [['i SYN', 'newFlow', 'synSent']],
  },
  { name: 'SYN from the other side reuses them', state: 'closed', steps: [['r SYN', 'newFlow', 'synSent']] },
  {
    name: 'SYN on an established connection is left to the ACLs and the receiver',
    steps: [...OPENING, ['i SYN', 'judge', 'synSent'], ['r ACK', 'forward', 'synSent']],
  },
  {
    name: 'SYN on a half-closed connection likewise',
    state: 'finFromResponder',
    steps: [
      ['i SYN', 'judge', 'finFromResponder'],
      ['r SYN', 'judge', 'finFromResponder'],
    ],
  },
  {
    name: 'RST answers the SYN',
    steps: [
      ['i SYN', 'newFlow', 'synSent'],
      ['r RST ACK', 'reset', 'closed'],
    ],
  },
  { name: 'RST on an open connection', steps: [...OPENING, ['i RST', 'reset', 'closed']] },
  { name: 'RST in a half-closed one', state: 'finFromInitiator', steps: [['r RST ACK', 'reset', 'closed']] },
  { name: 'RST after both FINs', state: 'finBothInitiatorFirst', steps: [['i RST', 'reset', 'closed']] },
  { name: 'stragglers after a RST', state: 'closed', steps: [['r PSH ACK', 'forward', 'closed']] },
  { name: 'UDP-like established', state: 'established', steps: [['r ACK', 'forward', 'established']] },
];

const REPLICATION: Scenario[] = [
  {
    name: 'SYN retransmitted while poisoned is replicated again',
    keepsPoison: true,
    steps: [
      ['i SYN', 'newFlow', 'synSent'],
      ['i SYN', 'newFlow', 'synSent'],
    ],
  },
  {
    name: 'FINs retransmitted while poisoned are replicated again',
    keepsPoison: true,
    steps: [
      ...OPENING,
      ['i FIN ACK', 'update', 'finFromInitiator'],
      ['i FIN ACK', 'update', 'finFromInitiator'],
      ['r FIN ACK', 'update', 'finBothInitiatorFirst'],
      ['r FIN ACK', 'update', 'finBothInitiatorFirst'],
      ['i FIN ACK', 'update', 'finBothInitiatorFirst'],
    ],
  },
  {
    name: 'failover: ACK first',
    state: 'synSent',
    recordFlags: FlowFlag.secondary,
    steps: [['i ACK', 'forward', 'synSent']],
  },
  {
    name: 'failover: SYN-ACK first',
    state: 'synSent',
    recordFlags: FlowFlag.secondary,
    steps: [['r SYN ACK', 'forward', 'synSent']],
  },
  {
    name: 'failover: data of the responder first',
    state: 'synSent',
    recordFlags: FlowFlag.secondary,
    steps: [['r PSH ACK', 'forward', 'synSent']],
  },
  {
    name: 'failover: FINs first',
    state: 'synSent',
    recordFlags: FlowFlag.secondary,
    steps: [
      ['r FIN ACK', 'update', 'finFromResponder'],
      ['i FIN ACK', 'update', 'finBothResponderFirst'],
      ['r ACK', 'close', 'closed'],
    ],
  },
  {
    name: 'failover: last ACK first',
    state: 'finBothInitiatorFirst',
    steps: [['i ACK', 'close', 'closed']],
  },
];

const SAD: Scenario[] = [
  ...['SYN ACK', 'ACK', 'PSH ACK', 'FIN ACK', 'FIN', 'RST', 'RST ACK'].map(
    (flags): Scenario => ({
      name: `${flags} without a flow`,
      steps: [[`i ${flags}`, 'drop', 'none']],
    }),
  ),
  ...['', 'PSH', 'URG', 'SYN FIN', 'SYN RST', 'FIN RST', 'FIN PSH URG', 'SYN ACK RST', 'SYN FIN ACK'].map(
    (flags): Scenario => ({
      name: `invalid flags [${flags}] on an open connection`,
      state: 'established',
      steps: [[`i ${flags}`, 'drop', 'established']],
    }),
  ),
];

describe.each(BUILDS)('TCP tracking (%s)', (build) => {
  const { exports } = loadDataPlane({ build });
  const track = (state: number, tcpFlags: number, fromInitiator: boolean, recordFlags: number) => {
    const tracked = exports.tcpTrackSegment(state, tcpFlags, fromInitiator, recordFlags);
    return {
      state: tracked & 0xff,
      action: (tracked >> 8) & 0xff,
      drop: (tracked >> 16) & 0xff,
      setFlags: tracked >>> 24,
    };
  };

  it.each([...HAPPY, ...REPLICATION, ...SAD])('$name', ({ steps, state, recordFlags, keepsPoison }) => {
    let record = { state: FlowState[state ?? 'none'] as number, flags: recordFlags ?? 0 };
    const got: Step[] = [];
    for (const [segment] of steps) {
      const verdict = track(record.state, tcpFlagsOf(segment), segment.startsWith('i'), record.flags);
      record = applyVerdict(record, verdict, keepsPoison === true);
      got.push([segment, FlowAction[verdict.action] as ActionName, FlowState[record.state] as StateName]);
    }
    expect(got).toEqual(steps);
  });

  it('marks the handshake in the flags of the record', () => {
    expect(track(FlowState.synSent, tcpFlagsOf('r SYN ACK'), false, 0).setFlags).toBe(FlowFlag.synAckSeen);
    expect(track(FlowState.synSent, tcpFlagsOf('i ACK'), true, 0)).toMatchObject({
      setFlags: FlowFlag.ackSeen,
      state: FlowState.established,
    });
  });

  it('gives every input a verdict: invalid flags drop, a record drops nothing else, no record takes a SYN alone', () => {
    const mistakes: string[] = [];
    for (let state = 0; state <= FlowState.closed; state++) {
      for (let tcpFlags = 0; tcpFlags < 256; tcpFlags++) {
        for (let recordFlags = 0; recordFlags < 64; recordFlags++) {
          for (const fromInitiator of [false, true]) {
            const verdict = track(state, tcpFlags, fromInitiator, recordFlags);
            if (!isSound({ verdict, state, tcpFlags }))
              mistakes.push(`${state} ${tcpFlags} ${recordFlags} ${fromInitiator}`);
          }
        }
      }
    }
    expect(mistakes).toEqual([]);
  });
});

interface Verdict {
  state: number;
  action: number;
  drop: number;
  setFlags: number;
}

/** Flag combinations without PSH, ECE and CWR that nf_conntrack accepts (tcp_valid_flags), and a FIN alone. */
const VALID_COMBINATIONS = new Set(
  ['SYN', 'SYN URG', 'SYN ACK', 'RST', 'RST ACK', 'FIN ACK', 'FIN ACK URG', 'ACK', 'ACK URG'].map(tcpFlagsOf),
);

function isSound({
  verdict,
  state,
  tcpFlags,
}: {
  verdict: Verdict;
  state: number;
  tcpFlags: number;
}): boolean {
  const isFinAlone = (tcpFlags & 0x3f) === TCP_FLAG_BITS.FIN;
  const isValid = VALID_COMBINATIONS.has(tcpFlags & 0x37) || isFinAlone;
  const isSyn = (tcpFlags & 0x17) === TCP_FLAG_BITS.SYN;
  const ownFlags = FlowFlag.synAckSeen | FlowFlag.ackSeen | FlowFlag.ackAfterBothFins | FlowFlag.resetSeen;
  if (verdict.state > FlowState.closed || (verdict.setFlags & ~ownFlags) !== 0) return false;
  if (!isValid) return verdict.action === FlowAction.drop && verdict.drop === DropReason.invalidFlags;
  if (state !== FlowState.none) return verdict.action !== FlowAction.drop && verdict.drop === DropReason.none;
  return isSyn ? verdict.action === FlowAction.newFlow : verdict.drop === DropReason.noFlow;
}

/** What a card does to the record: the fast path sets flags; the ARM cores write the state, and the pong clears the poison bit. */
function applyVerdict(record: { state: number; flags: number }, verdict: Verdict, keepsPoison: boolean) {
  const poison = keepsPoison ? FlowFlag.poison : 0;
  switch (verdict.action) {
    case FlowAction.newFlow:
      return { state: verdict.state, flags: poison };
    case FlowAction.update:
      return { state: verdict.state, flags: record.flags | poison };
    case FlowAction.close:
    case FlowAction.reset:
      return { state: verdict.state, flags: record.flags | verdict.setFlags };
    default:
      return { state: record.state, flags: record.flags | verdict.setFlags };
  }
}

/** Bits of `i SYN ACK`; the sender is skipped. */
function tcpFlagsOf(segment: string): number {
  return segment.split(' ').reduce((bits, word) => bits | (TCP_FLAG_BITS[word] ?? 0), 0);
}
