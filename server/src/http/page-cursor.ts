/** Where a page of a list ended, when the list is in the order of a time and then of an id. */
export interface PageCursor {
  time: Date;
  id: string;
}

/** The cursor as text that clients hand back; milliseconds are all that is kept of the time. */
export function writeCursor({ time, id }: PageCursor): string {
  return Buffer.from(`${time.getTime()}.${id}`).toString('base64url');
}

/** Reads what `writeCursor` wrote; null for anything else. */
export function readCursor(text: string): PageCursor | null {
  const [, milliseconds = '', id = ''] =
    /^(\d{1,15})\.([\w:-]{1,128})$/.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  const time = new Date(Number(milliseconds));
  if (milliseconds === '' || Number.isNaN(time.getTime())) return null;
  const cursor = { time, id };
  return writeCursor(cursor) === text ? cursor : null;
}
