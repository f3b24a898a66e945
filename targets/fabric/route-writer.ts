import type { Schedule } from '../../core/schedule.js';

/**
 * Writes routes one after another, each in `installNs`. What packets find until then is for the caller to say: nothing at a ToR, the old
 * entry in the network above.
 */
export class RouteWriter<Key> {
  private readonly waiting = new Map<Key, () => void>();
  private isWriting = false;

  constructor(
    private readonly schedule: Schedule,
    private readonly installNs: number,
  ) {}

  /** Asks for a route to be written in its turn; a later wish for the same route takes the place of one that still waits. */
  write(key: Key, install: () => void): void {
    this.waiting.set(key, install);
    if (!this.isWriting) this.writeNext();
  }

  /** Whether all is written. */
  get isIdle(): boolean {
    return this.waiting.size === 0;
  }

  isWaiting(key: Key): boolean {
    return this.waiting.has(key);
  }

  /** A route that is no longer wanted. */
  forget(key: Key): void {
    this.waiting.delete(key);
  }

  private writeNext(): void {
    this.isWriting = this.waiting.size > 0;
    if (!this.isWriting) return;
    this.schedule.after(this.installNs, () => {
      const next = this.waiting.entries().next().value;
      if (next) {
        this.waiting.delete(next[0]);
        next[1]();
      }
      this.writeNext();
    });
  }
}
