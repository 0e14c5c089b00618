/** What the API takes. */
export const imageTypes: readonly string[] = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];

const mostImages = 8;
const mostBytes = 5 * 1024 * 1024;

/** Images as `data:` addresses. Throws an error with a sentence for the person when there are too many, or one can't be taken. */
export async function readImages(files: readonly File[], already: number): Promise<string[]> {
  if (files.length + already > mostImages) throw new Error(`A message takes up to ${mostImages} images.`);
  const other = files.find(({ type }) => !imageTypes.includes(type));
  if (other) throw new Error(`${other.name} is no PNG, JPEG, WebP or GIF: save it as one of these.`);
  const large = files.find(({ size }) => size > mostBytes);
  if (large) throw new Error(`${large.name} is larger than 5 MB.`);
  return Promise.all(files.map(readDataUrl));
}

function readDataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () =>
      typeof reader.result === 'string'
        ? resolve(reader.result)
        : reject(new Error(`${file.name} can’t be read.`)),
    );
    reader.addEventListener('error', () => reject(new Error(`${file.name} can’t be read.`)));
    reader.readAsDataURL(file);
  });
}
