/** The key behind the last one that begins with the prefix, which ends with a slash. */
export function endOfPrefix(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  end[end.length - 1] = (end[end.length - 1] ?? 0) + 1;
  return end;
}
