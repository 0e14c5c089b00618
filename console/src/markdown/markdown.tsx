import { memo } from 'react';
import type { ComponentProps } from 'react';
import ReactMarkdown from 'react-markdown';
import type { Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import remarkMath from 'remark-math';
import remend from 'remend';
import { ExternalIcon, ImageIcon } from '../ui/icons.tsx';
import { splitBlocks } from './blocks.ts';
import { CodeBlock } from './code-block.tsx';
import { Formula } from './formula.tsx';
import { withDollarMath } from './math.ts';
import { safeAddress } from './safe-address.ts';
import './markdown.css';

const plugins: ComponentProps<typeof ReactMarkdown>['remarkPlugins'] = [
  remarkGfm,
  [remarkMath, { singleDollarTextMath: false }],
];

export interface MarkdownProps {
  text: string;
  /** More is coming: what is open is closed for now, and only the last block renders anew. */
  streaming?: boolean;
}

/**
 * What a model wrote, as Markdown. It can't run, load or style anything: HTML stays text (it is never parsed), addresses
 * other than http(s) and mailto lose their link, and images become links to them.
 */
export default function Markdown({ text, streaming = false }: MarkdownProps) {
  const blocks = splitBlocks(withDollarMath(text));
  return (
    <div className="markdown">
      {blocks.map((block, index) => {
        const open = streaming && index === blocks.length - 1;
        return <Block key={index} text={open ? remend(block) : block} open={open} />;
      })}
    </div>
  );
}

const Block = memo(function Block({ text, open }: { text: string; open: boolean }) {
  return (
    <ReactMarkdown
      remarkPlugins={plugins}
      components={open ? openComponents : components}
      urlTransform={(address) => safeAddress(address) ?? ''}
    >
      {text}
    </ReactMarkdown>
  );
});

function componentsFor(open: boolean): Components {
  return {
    a: ({ href, children }) => <Link {...(href === undefined ? {} : { href })}>{children}</Link>,
    img: ({ src, alt }) => (
      <Link {...(typeof src === 'string' ? { href: src } : {})}>
        <ImageIcon className="inline size-3.5" /> {alt === undefined || alt === '' ? 'image' : alt}
      </Link>
    ),
    pre: ({ children }) => children,
    code: ({ className = '', children }) => {
      const source = typeof children === 'string' ? children : '';
      if (className.includes('math-display')) return <Formula source={source} display />;
      if (className.includes('math-inline')) return <Formula source={source} />;
      const language = /language-([\w+#.-]+)/.exec(className)?.[1] ?? null;
      if (language === null && !source.includes('\n')) return <code className="inline-code">{children}</code>;
      return <CodeBlock source={source.replace(/\n$/, '')} language={language} streaming={open} />;
    },
    table: ({ children }) => (
      // What scrolls has to take the focus, or the keyboard could not scroll it.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      <section className="table-frame" aria-label="Table" tabIndex={0}>
        <table>{children}</table>
      </section>
    ),
    // A heading of an answer is none of the page.
    h1: ({ children }) => <p className="heading heading-1">{children}</p>,
    h2: ({ children }) => <p className="heading heading-2">{children}</p>,
    h3: ({ children }) => <p className="heading heading-3">{children}</p>,
    h4: ({ children }) => <p className="heading">{children}</p>,
    h5: ({ children }) => <p className="heading">{children}</p>,
    h6: ({ children }) => <p className="heading">{children}</p>,
    input: ({ checked }) => <span>{checked === true ? '☑' : '☐'}</span>,
  };
}

const components = componentsFor(false);
const openComponents = componentsFor(true);

function Link({ href, children }: ComponentProps<'a'>) {
  if (href === undefined || href === '') return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow ugc" title={href}>
      {children}
      <ExternalIcon className="ml-0.5 inline size-3" />
    </a>
  );
}
