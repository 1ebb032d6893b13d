/** How an action failed, for people, after its name: by exit status, signal or timeout. */
export function describeStatus(status: number): string {
  if (status === -1) return 'ran out of time';
  return status > 255 ? `was ended by signal ${status - 256}` : `failed with status ${status}`;
}
