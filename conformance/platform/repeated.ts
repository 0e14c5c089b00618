/**
 * Asks the same ten times and gives the answers that came at least twice. Equal requests get equal answers while their prefix is
 * computed the same way; llama.cpp's sums depend on the size of a batch, on where in memory a prefix lies and on the number of
 * threads, so any of these may tip a near tie. That is why one pair alone proves nothing, and OpenAI calls its seed a best effort too.
 */
export async function repeatedAnswers(ask: () => Promise<string>): Promise<string[]> {
  const answers: string[] = [];
  for (let asked = 0; asked < 10; asked += 1) answers.push(await ask());
  return [...new Set(answers)].filter((answer) => answers.filter((each) => each === answer).length > 1);
}
