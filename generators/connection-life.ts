import type { TcpTiming } from './profile.js';

type Waits = Pick<TcpTiming, 'connectionTimeoutNs' | 'holdNs'>;

/** How long a connection lives of which one packet is never answered, whichever that is: its end tries for the whole of the time-out. */
export function unansweredLifeNs({ connectionTimeoutNs, holdNs }: Waits): number {
  return connectionTimeoutNs + holdNs;
}

/**
 * How long a connection can live at most, but for what coarse timers are late: its SYN, its FIN and its FIN-ACK may each be answered only when the
 * time-out is nearly over. That takes one which loses nearly every packet it sends.
 */
export function longestLifeNs({ connectionTimeoutNs, holdNs }: Waits): number {
  return 3 * connectionTimeoutNs + holdNs;
}
