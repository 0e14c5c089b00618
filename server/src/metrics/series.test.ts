import { describe, expect, test } from 'vitest';
import { SeriesBook } from './series.ts';

describe('SeriesBook', () => {
  test('gives the same series for the same model and deployment', () => {
    const book = new SeriesBook();
    expect(book.of('m', 'd')).toBe(book.of('m', 'd'));
    expect(book.of('m', 'd')).not.toBe(book.of('m', 'e'));
    expect(book.of('m', null).labels).toEqual({ model: 'm', deployment: 'none' });
  });

  test('folds what comes after the bound into one, and keeps what came before', () => {
    const book = new SeriesBook(2);
    const first = book.of('m1', 'd');
    book.of('m2', 'd');
    expect(book.of('m3', 'd').labels).toEqual({ model: 'other', deployment: 'other' });
    expect(book.of('m4', 'd')).toBe(book.of('m3', 'd'));
    expect(book.of('m1', 'd')).toBe(first);
    expect(book.all).toHaveLength(3);
  });
});
