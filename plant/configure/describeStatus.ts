/** How an action ended, for people: its exit status, signal or timeout. */
export function describeStatus(status: number): string {
  if (status === -1) return 'its time run out';
  return status > 255 ? `signal ${status - 256}` : `status ${status}`;
}
