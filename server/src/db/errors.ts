/** The database can't be opened; the message is a sentence for the operator. */
export class DatabaseError extends Error {
  override name = 'DatabaseError';
}
