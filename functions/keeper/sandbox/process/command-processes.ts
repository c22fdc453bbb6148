/** Everything that one command has started, itself first: whatever group or session its processes have moved to. */
export interface CommandProcesses {
  pids(): readonly number[];
  /** To each of them. False where there is none. */
  signal(name: string): Promise<boolean>;
  /** Kills them, and what they start meanwhile, until none is left. False where there was none. */
  kill(): Promise<boolean>;
  /** The command has ended: what it left behind goes on, and can be reached no longer once it has ended too. */
  release(): void;
}
