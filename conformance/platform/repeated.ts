/**
 * Asks the same four times and gives the answers that came at least twice. Equal requests get equal answers while their prefix is
 * computed the same way; llama.cpp's sums depend on the size of a batch, so a prefix that was read anew in between may tip a near tie.
 * That is why one pair alone proves nothing, and OpenAI calls its seed a best effort too.
 */
export async function repeatedAnswers(ask: () => Promise<string>): Promise<string[]> {
  const answers = [await ask(), await ask(), await ask(), await ask()];
  return [...new Set(answers)].filter((answer) => answers.filter((each) => each === answer).length > 1);
}
