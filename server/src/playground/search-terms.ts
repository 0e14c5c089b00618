/** Words longer than this are cut; no more of them are kept for a document. */
const longestTerm = 64;
const mostTerms = 4000;
/** Characters of a document that are searched: splitting more would hold up other requests. */
const mostCharacters = 200_000;
const longestPiece = 10_000;

const word = /[\p{L}\p{N}\p{M}]+/gu;
/** Scripts that are written without spaces between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * What texts are found by: words in lower case without accents. Where a script has no spaces, each two neighbouring characters
 * are a term and so is the last one, as Lucene's CJKAnalyzer does it. Equal for a document and for what is searched in it.
 */
export function searchTerms(texts: Iterable<string>): string[] {
  const terms = new Set<string>();
  let left = mostCharacters;
  for (const text of texts) {
    for (const piece of piecesOf(text)) {
      const folded = fold(piece);
      // One character can become eighteen: what counts is what they are folded to.
      left -= folded.length;
      for (const [found] of folded.matchAll(word)) {
        for (const term of termsOf(found)) {
          if (terms.size >= mostTerms) return [...terms];
          terms.add(term);
        }
      }
      if (left <= 0) return [...terms];
    }
  }
  return [...terms];
}

/** A long text in pieces, cut between words where it has any. */
function* piecesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const space = text.lastIndexOf(' ', start + longestPiece);
    const end = space > start ? space : start + longestPiece;
    yield text.slice(start, end);
    start = end;
  }
}

/** Compatible forms made equal; the accents of Latin, Greek and Cyrillic letters left out. */
function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036F]/g, '')
    .normalize('NFC')
    .toLowerCase();
}

function termsOf(found: string): string[] {
  if (!unspaced.test(found)) return [found.slice(0, longestTerm)];
  const characters = [...found];
  return characters.map((character, index) => character + (characters[index + 1] ?? ''));
}

/**
 * A PostgreSQL tsquery, as text, that finds documents with every term of a query, each of them also as the beginning of a word;
 * null when the query has none. @param scope a lexeme that the documents must have.
 */
export function searchQuery(scope: string, query: string): string | null {
  const terms = searchTerms([query]);
  if (terms.length === 0) return null;
  return [quote(scope), ...terms.map((term) => `${quote(term)}:*`)].join(' & ');
}

function quote(lexeme: string): string {
  return `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
