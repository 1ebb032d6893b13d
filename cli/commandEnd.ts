/**
 * Thrown by a command that has said everything itself and ends with an exit code of its own, for example `exec`
 * with the status of the guest's command. No error to report.
 */
export class CommandEnd extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`the command ended with ${exitCode}`);
    this.name = 'CommandEnd';
    this.exitCode = exitCode;
  }
}
