import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '../core/package-path.js';
import type { Fabric } from '../targets/fabric/fabric.js';

/** A bug to plant, and to be found. Of the data plane: a text of one of its files, and what stands there instead. */
export interface DataPlaneMutant {
  name: string;
  file: string;
  from: string;
  to: string;
}

/** Of the control plane: it tells cards or ToRs something else. */
export interface FabricMutant {
  name: string;
  wrapFabric(fabric: Fabric): Fabric;
}

const CARD = 'sirius-card/dataplane';

export const DATA_PLANE_MUTANTS: readonly DataPlaneMutant[] = [
  {
    name: 'a pong leaves the poison bit',
    file: `${CARD}/pipeline.ts`,
    from: 'if (endsRound(record, packet)) record.flags &= ~(<u8>FlowFlag.poison);',
    to: '',
  },
  {
    name: 'the standby forgets nothing',
    file: `${CARD}/state-exchange.ts`,
    from: '    forget(card, record, entry);\n',
    to: '',
  },
  {
    name: 'the standby takes no state of FINs',
    file: `${CARD}/slow-path.ts`,
    from: 'record.state = laterState(record.state, originState(packet.origin));',
    to: '',
  },
  {
    name: 'SYNs are not replicated',
    file: `${CARD}/slow-path.ts`,
    from: 'const replicates = fnic.toPeer != 0;',
    to: 'const replicates = false;',
  },
  {
    name: 'the copy takes the initiator for the responder',
    file: `${CARD}/slow-path.ts`,
    from: 'originInitiatorIsLow(packet.origin) ? FlowFlag.initiatorIsLow : FlowFlag.none;\n  return openRecord',
    to: 'originInitiatorIsLow(packet.origin) ? FlowFlag.none : FlowFlag.initiatorIsLow;\n  return openRecord',
  },
  {
    name: 'inbound connections are judged as outbound ones',
    file: `${CARD}/slow-path.ts`,
    from: 'packet.direction & <u8>DIRECTION_OUTBOUND ? ACL_OUTBOUND : ACL_INBOUND,',
    to: 'ACL_OUTBOUND,',
  },
  {
    name: 'open connections pass SYNs unjudged',
    file: `${CARD}/slow-path.ts`,
    from: 'if (protocolOf(packet) == PROTOCOL_TCP && !isAllowed(fnic, packet)) return deny(card, packet);',
    to: '',
  },
  {
    name: 'bulk synchronisation is content with refused records',
    file: `${CARD}/state-exchange.ts`,
    from: 'header.kind = isWhole ? StateKind.acknowledgement : StateKind.refusal;',
    to: 'header.kind = StateKind.acknowledgement;',
  },
  {
    name: 'bulk synchronisation copies no half-closed connections',
    file: `${CARD}/bulk-sync.ts`,
    from: 'if (channel.pass == BulkPass.all) return true;',
    to: 'if (record.state >= <u8>FlowState.finFromInitiator) return false;\n  if (channel.pass == BulkPass.all) return true;',
  },
  {
    name: 'a batch is never sent again',
    file: `${CARD}/state-exchange.ts`,
    from: 'if (slot.isUsed && slot.sentPs < beforePs) return slot;',
    to: '',
  },
  {
    name: 'standbys age',
    file: `${CARD}/flow-ageing.ts`,
    from: 'if (part.isStandby) return false;',
    to: '',
  },
  {
    name: 'copies that were taken over age at once',
    file: `${CARD}/flow-ageing.ts`,
    from: 'if (<i32>(nowMs - part.servesSinceMs) <= <i32>idleMs) return false;',
    to: '',
  },
  {
    name: 'a closed flow lives as long as an open one',
    file: `${CARD}/flow-ageing.ts`,
    from: 'return age == AgeingClass.halfOpen ? table.halfOpenIdleMs : table.closedLingerMs;',
    to: 'return age == AgeingClass.halfOpen ? table.halfOpenIdleMs : 100 * table.closedLingerMs;',
  },
  {
    name: 'a dead card keeps its flows',
    file: `${CARD}/card.ts`,
    from: 'flowDeleteAll(card.table);',
    to: '',
  },
  {
    name: 'a packet that finds its link down is not counted',
    file: 'core/dataplane/packet.ts',
    from: '  store<u64>(counter, load<u64>(counter) + 1);\n  droppedCount++;',
    to: '  if (reason != DropReason.linkDown) store<u64>(counter, load<u64>(counter) + 1);\n  droppedCount++;',
  },
];

export const FABRIC_MUTANTS: readonly FabricMutant[] = [
  {
    name: 'a new secondary is not told to forget',
    wrapFabric: (fabric) => ({ ...fabric, cards: { ...fabric.cards, forget: () => undefined } }),
  },
  {
    name: 'a new secondary gets no copies',
    wrapFabric: (fabric) => ({ ...fabric, cards: { ...fabric.cards, beginSync: () => undefined } }),
  },
  {
    name: 'nobody gives up an fNIC',
    wrapFabric: (fabric) => ({
      ...fabric,
      setRole: (card, fnic, role) => {
        if (role.takesTraffic || role.peer !== undefined) fabric.setRole(card, fnic, role);
      },
    }),
  },
  {
    name: 'tor2 writes no routes',
    wrapFabric: (fabric) => ({
      ...fabric,
      setRoute: (tor, fnic, card) => {
        if (tor === 0) fabric.setRoute(tor, fnic, card);
      },
    }),
  },
  {
    name: 'a card that takes over goes on without a secondary',
    wrapFabric: (fabric) => ({
      ...fabric,
      setRole: (card, fnic, role) =>
        fabric.setRole(card, fnic, role.takesTraffic ? { takesTraffic: true, peer: undefined } : role),
    }),
  },
];

/** Compiles the data plane with a bug in it; gives the path of the module, which `release` removes. */
export function plantBug({ name, file, from, to }: DataPlaneMutant): { path: string; release(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'mutant-'));
  const release = () => rmSync(folder, { recursive: true });
  for (const part of ['core', 'generators', 'sirius-card'])
    cpSync(packagePath(part, 'dataplane'), join(folder, part, 'dataplane'), { recursive: true });
  cpSync(packagePath('asconfig.json'), join(folder, 'asconfig.json'));
  const path = join(folder, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(from).length !== 2) {
    release();
    throw new Error(`mutant "${name}": ${file} must have its text exactly once`);
  }
  writeFileSync(
    path,
    source.replace(from, () => to),
  );
  const compiler = packagePath('node_modules', 'assemblyscript', 'bin', 'asc.js');
  const { status, stderr } = spawnSync(
    process.execPath,
    [compiler, '--config', 'asconfig.json', '--target', 'release', '--optimizeLevel', '1', '--no-converge'],
    { cwd: folder, encoding: 'utf8' },
  );
  if (status === 0) return { path: join(folder, 'dist/dataplane.wasm'), release };
  release();
  throw new Error(`mutant "${name}" does not compile: ${stderr}`);
}
