import {
  type Alias,
  Composer,
  CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Pair,
  type ParsedNode,
  Parser,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { VmplantsError } from '../model/errors.js';
import { MAX_DEPTH, MAX_NODES } from '../model/schema/limits.js';
import { type PlainObject, setField } from './plainObject.js';
import { excerpt, syntaxError } from './syntaxError.js';

/** Lexical tokens of one document: a request of the largest legal graph has 120,000. */
const MAX_TOKENS = 150_000;
/** Anchors, tags and aliases: the library is slow to complain about many in the wrong place. */
const MAX_PROPERTIES = 1000;
const PROPERTY_TYPES: ReadonlySet<string> = new Set(['anchor', 'tag', 'alias']);
/** Lexemes that the lexer puts in itself. */
const MARKS: ReadonlySet<string> = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

/**
 * Reads one YAML 1.2 document (core schema: text, numbers, true, false, null). Refuses tags, several documents,
 * fields given twice, names of fields that are no text, and aliases that expand to too much. Linear in the length of
 * the text: depth and number of tokens are bounded before the recursive part of the library sees them.
 */
export function readYaml(text: string): unknown {
  try {
    return new Conversion(text).root(compose(text, readTokens(text)));
  } catch (error) {
    if (error instanceof VmplantsError) throw error;
    throw syntaxError(text, 0, 'the text could not be read as YAML');
  }
}

/** Lexemes of one document, counted before anything slower looks at them. */
function readLexemes(text: string): readonly string[] {
  const lexemes: string[] = [];
  let properties = 0;
  let offset = 0;
  let before = '';
  for (const lexeme of new Lexer().lex(text)) {
    if (lexemes.length >= MAX_TOKENS)
      throw syntaxError(text, offset, `expected at most ${MAX_TOKENS} tokens, found more`);
    lexemes.push(lexeme);
    // What follows the mark of a scalar is its text, whatever that begins with.
    if (before !== CST.SCALAR && PROPERTY_TYPES.has(CST.tokenType(lexeme) ?? '')) properties += 1;
    if (properties > MAX_PROPERTIES) {
      throw syntaxError(text, offset, `expected at most ${MAX_PROPERTIES} anchors and aliases, found more`);
    }
    if (!MARKS.has(lexeme)) offset += lexeme.length;
    before = lexeme;
  }
  return lexemes;
}

/** The concrete syntax tree, built lexeme by lexeme so that a text nested too deeply is dropped early. */
function readTokens(text: string): readonly CST.Token[] {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let documents = 0;
  const take = (token: CST.Token) => {
    if (token.type === 'document') documents += 1;
    if (documents > 1) throw syntaxError(text, token.offset, 'expected one document, found another one');
    tokens.push(token);
  };
  for (const lexeme of readLexemes(text)) {
    for (const token of parser.next(lexeme)) take(token);
    // The parser's stack holds the document and the collections around the current token.
    if (parser.stack.length > MAX_DEPTH + 2) {
      throw syntaxError(
        text,
        parser.offset,
        `expected values nested at most ${MAX_DEPTH} deep, found deeper ones`,
      );
    }
  }
  for (const token of parser.end()) take(token);
  return tokens;
}

function compose(text: string, tokens: readonly CST.Token[]): ParsedNode | null {
  // Duplicate fields are found by the conversion: the library compares every pair of them.
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
    strict: true,
  });
  let document: Document.Parsed | undefined;
  for (const found of composer.compose(tokens, true, text.length)) document ??= found;
  const problem = document?.errors[0] ?? document?.warnings[0];
  if (problem !== undefined) throw syntaxError(text, problem.pos[0], problem.message);
  return document?.contents ?? null;
}

interface Anchored {
  readonly value: unknown;
  /** Values that it stands for, itself included. */
  readonly nodes: number;
}

/** Turns the nodes of a document into plain values. */
class Conversion {
  readonly #text: string;
  readonly #anchors = new Map<string, Anchored>();
  #nodes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  root(node: ParsedNode | null): unknown {
    return this.#convert(node);
  }

  #convert(node: unknown): unknown {
    const before = this.#nodes;
    this.#count(1, node);
    if (isAlias(node)) return this.#alias(node);
    if (isMap(node)) return this.#anchored(node, this.#map(node), before);
    if (isSeq(node)) return this.#anchored(node, this.#list(node), before);
    if (isScalar(node)) return this.#anchored(node, node.value, before);
    return null;
  }

  #map(map: YAMLMap): PlainObject {
    const object: PlainObject = {};
    for (const pair of map.items) {
      const name = this.#fieldName(pair);
      const problem = setField(object, name, this.#convert(pair.value));
      if (problem !== undefined) throw this.#error(pair.key, problem);
    }
    return object;
  }

  #list(list: YAMLSeq): unknown[] {
    return list.items.map((item) => this.#convert(item));
  }

  #fieldName(pair: Pair): string {
    if (isScalar(pair.key) && typeof pair.key.value === 'string') return pair.key.value;
    throw this.#error(
      pair.key ?? pair.value,
      'expected the name of a field, as a text (in quotes if it looks like a number)',
    );
  }

  #alias(alias: Alias): unknown {
    const anchored = this.#anchors.get(alias.source);
    if (anchored === undefined) {
      throw this.#error(
        alias,
        `the alias ${excerpt(`*${alias.source}`)} names no value that is complete before it`,
      );
    }
    this.#count(anchored.nodes, alias);
    return anchored.value;
  }

  #anchored(node: YAMLMap | YAMLSeq | Scalar, value: unknown, before: number): unknown {
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, { value, nodes: this.#nodes - before });
    return value;
  }

  #count(nodes: number, at: unknown): void {
    this.#nodes += nodes;
    if (this.#nodes > MAX_NODES)
      throw this.#error(at, `expected at most ${MAX_NODES} values with all aliases expanded, found more`);
  }

  #error(node: unknown, description: string): VmplantsError {
    const known = isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined;
    return syntaxError(this.#text, known ?? 0, description);
  }
}
