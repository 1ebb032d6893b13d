import { isDeepStrictEqual } from 'node:util';
import { parse, stringify, type ToStringOptions } from 'yaml';
import type {
  PlainAction,
  PlainErrorHandling,
  PlainFile,
  PlainHost,
  PlainRequest,
} from '../model/plainRequest.js';

/** A request as bytes of JSON; fields that are undefined are left out. */
export function writeJson(request: PlainRequest, indentation: number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(request, undefined, indentation));
}

/** A request as bytes of YAML in one of several styles. */
export function writeYaml(request: PlainRequest, style: 'block' | 'flow' | 'quoted'): Uint8Array {
  const options: ToStringOptions = {
    block: {},
    flow: { collectionStyle: 'flow' as const },
    quoted: { defaultStringType: 'QUOTE_DOUBLE' as const, defaultKeyType: 'PLAIN' as const },
  }[style];
  // As JSON first: so undefined fields go.
  const plain: unknown = JSON.parse(JSON.stringify(request));
  const text = stringify(plain, { ...options, aliasDuplicateObjects: false });
  // The library loses blanks when it writes a text of nothing else as a block; nobody's fault but its own.
  if (style !== 'quoted' && !isDeepStrictEqual(parse(text), plain)) return writeYaml(request, 'quoted');
  return new TextEncoder().encode(text);
}

/** A request as bytes of XML, texts in CDATA sections or with references. */
export function writeXml(request: PlainRequest, cdata: boolean): Uint8Array {
  return new TextEncoder().encode(new XmlWriter(cdata).request(request));
}

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

class XmlWriter {
  readonly #cdata: boolean;

  constructor(cdata: boolean) {
    this.#cdata = cdata;
  }

  request(request: PlainRequest): string {
    const { hardware, operatingSystem, network, clientDomain, line, identity, actions } = request;
    return `<?xml version="1.0" encoding="UTF-8"?>\n${element('request', { xmlns: 'urn:vmplants:request' }, [
      ...(hardware === undefined ? [] : [element('hardware', hardware)]),
      element('operating-system', operatingSystem),
      ...word('network', network),
      ...word('client-domain', clientDomain),
      ...word('line', line),
      element(
        'identity',
        {},
        Object.entries(identity).map(([name, value]) => element('parameter', { name }, [this.#text(value)])),
      ),
      this.#dag(actions),
    ])}`;
  }

  #dag(actions: readonly PlainAction[]): string {
    return element(
      'dag',
      {},
      actions.map((action) => `\n  ${this.#action(action)}\n`),
    );
  }

  #action(action: PlainAction): string {
    const { name, timeout, identity, maxAge } = action;
    return element('action', { name, timeout, identity, 'max-age': maxAge }, [
      ...(action.after ?? []).map((predecessor) => element('after', {}, [` ${predecessor}\n`])),
      ...(action.script === undefined
        ? []
        : [element('script', { 'xml:space': 'preserve' }, [this.#text(action.script)])]),
      ...(action.files ?? []).map((file) => this.#file(file)),
      ...Object.entries(action.parameters ?? {}).map(([parameter, value]) =>
        typeof value === 'string'
          ? element('parameter', { name: parameter }, [this.#text(value)])
          : element('parameter', { name: parameter, identity: value.identity }),
      ),
      ...Object.entries(action.environment ?? {}).map(([variable, value]) =>
        element('environment', { name: variable }, [this.#text(value)]),
      ),
      ...(action.host === undefined ? [] : [this.#host(action.host)]),
      ...(action.opaque === undefined ? [] : [element('opaque', {}, [`\n  ${action.opaque} `])]),
      ...(action.onError === undefined ? [] : [this.#onError(action.onError)]),
    ]);
  }

  #file(file: PlainFile): string {
    const { path, mode, content, base64 } = file;
    return content === undefined
      ? element('file', { path, mode, encoding: 'base64' }, [` ${base64} `])
      : element('file', { path, mode, 'xml:space': 'preserve' }, [this.#text(content)]);
  }

  #host({ addDisk, attachIso, addNetworkInterface }: PlainHost): string {
    return element('host', {}, [
      ...(addDisk === undefined ? [] : [element('add-disk', addDisk)]),
      ...(attachIso === undefined
        ? []
        : [
            element(
              'attach-iso',
              { label: attachIso.label },
              attachIso.files.map((file) => this.#file(file)),
            ),
          ]),
      ...(addNetworkInterface === undefined ? [] : [element('add-network-interface', {})]),
    ]);
  }

  #onError({ retries, handler, then }: PlainErrorHandling): string {
    const after = typeof then === 'object' ? { 'go-on-at': then.goOnAt } : { then };
    return element(
      'on-error',
      { retries, ...after },
      handler === undefined ? [] : [this.#dag(handler.actions)],
    );
  }

  #text(text: string): string {
    if (this.#cdata) return `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
    return escaped(text);
  }
}

function word(name: string, text: string | undefined): readonly string[] {
  return text === undefined ? [] : [element(name, {}, [`\n  ${text} `])];
}

function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const written = Object.entries(attributes)
    .flatMap(([attribute, value]) =>
      value === undefined ? [] : [` ${attribute}='${escaped(String(value))}'`],
    )
    .join('');
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`;
}

function escaped(text: string): string {
  return text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
