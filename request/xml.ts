import { suggestion } from '../model/schema/didYouMean.js';
import { dedent } from './dedent.js';
import { type PlainObject, setField } from './plainObject.js';
import { excerpt, syntaxError } from './syntaxError.js';
import { readXmlTree, type XmlElement } from './xmlTree.js';

/** Namespace of a request; it may be left out. */
const REQUEST_NAMESPACE = 'urn:vmplants:request';

/**
 * Reads a request in XML, the format of the VMPlants paper (section 4.1), into the plain shape:
 *
 *     <request>
 *       <hardware isa="x86_64" vcpus="1" memory="512MiB" disk="4GiB"/>
 *       <operating-system name="debian" version="12" kernel=".."/>
 *       <network>host-only</network> <client-domain>example.org</client-domain> <line>qemu</line>
 *       <identity><parameter name="user">ivan</parameter></identity>
 *       <dag>
 *         <action name="install" timeout="60s" identity="true" max-age="7d">
 *           <after>other</after>
 *           <script>..</script>
 *           <file path="a/b" mode="0755" encoding="base64" source="..">..</file>
 *           <parameter name="version">1.2</parameter> <parameter name="user" identity="user"/>
 *           <environment name="LC_ALL">C</environment>
 *           <on-error retries="2" then="continue" go-on-at="name"><dag>..</dag></on-error>
 *         </action>
 *         <action name="data"><host><add-disk size="1GiB"/></host></action>
 *         <action name="by-hand"><opaque>64 hexadecimal digits</opaque></action>
 *       </dag>
 *     </request>
 *
 * The other host operations are `<attach-iso label=".."><file ../></attach-iso>` and `<add-network-interface/>`.
 * Scripts and files lose the indentation of the document (see `dedent`) unless `xml:space="preserve"` is set.
 */
export function readXml(written: string): unknown {
  // Line ends as XML wants them (section 2.11); the count of lines stays the same.
  const text = written.includes('\r') ? written.replace(/\r\n?/g, '\n') : written;
  return new RequestReader(text).request(readXmlTree(text));
}

type Children = Readonly<Record<string, (child: XmlElement) => void>>;

class RequestReader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  request(element: XmlElement): PlainObject {
    if (element.name !== 'request') throw this.#error(element, `expected <request>, found <${element.name}>`);
    const namespace = element.attributes.get('xmlns');
    if (namespace !== undefined && namespace !== REQUEST_NAMESPACE) {
      throw this.#error(
        element,
        `expected the namespace ${REQUEST_NAMESPACE} or none, found ${excerpt(namespace)}`,
      );
    }
    this.#attributes(element, { xmlns: () => undefined });
    const request: PlainObject = {};
    this.#children(element, {
      hardware: (child) => this.#set(child, request, 'hardware', this.#hardware(child)),
      'operating-system': (child) =>
        this.#set(child, request, 'operatingSystem', this.#operatingSystem(child)),
      network: (child) => this.#set(child, request, 'network', this.#word(child)),
      'client-domain': (child) => this.#set(child, request, 'clientDomain', this.#word(child)),
      line: (child) => this.#set(child, request, 'line', this.#word(child)),
      identity: (child) => this.#set(child, request, 'identity', this.#identity(child)),
      dag: (child) => this.#set(child, request, 'actions', this.#dag(child)),
    });
    return request;
  }

  #hardware(element: XmlElement): PlainObject {
    this.#children(element, {});
    return this.#attributes(element, { isa: asText, vcpus: asNumber, memory: asNumber, disk: asNumber });
  }

  #operatingSystem(element: XmlElement): PlainObject {
    this.#children(element, {});
    return this.#attributes(element, { name: asText, version: asText, kernel: asText });
  }

  #identity(element: XmlElement): PlainObject {
    this.#attributes(element, {});
    const identity: PlainObject = {};
    this.#children(element, {
      parameter: (child) => {
        const { name } = this.#attributes(child, { name: asText });
        this.#set(child, identity, this.#named(child, name), this.#exactText(child));
      },
    });
    return identity;
  }

  #dag(element: XmlElement): PlainObject[] {
    this.#attributes(element, {});
    const actions: PlainObject[] = [];
    this.#children(element, { action: (child) => actions.push(this.#action(child)) });
    return actions;
  }

  #action(element: XmlElement): PlainObject {
    const { 'max-age': maxAge, ...action } = this.#attributes(element, {
      name: asText,
      timeout: asNumber,
      identity: asBoolean,
      'max-age': asNumber,
    });
    if (maxAge !== undefined) action.maxAge = maxAge;
    const after: string[] = [];
    const files: PlainObject[] = [];
    const parameters: PlainObject = {};
    const environment: PlainObject = {};
    this.#children(element, {
      after: (child) => {
        this.#attributes(child, {});
        after.push(this.#word(child));
      },
      script: (child) => {
        this.#attributes(child, { 'xml:space': asText });
        this.#set(child, action, 'script', this.#blockText(child));
      },
      file: (child) => files.push(this.#file(child)),
      parameter: (child) => {
        const { name, identity } = this.#attributes(child, { name: asText, identity: asText });
        this.#set(child, parameters, this.#named(child, name), this.#parameter(child, identity));
      },
      environment: (child) => {
        const { name } = this.#attributes(child, { name: asText });
        this.#set(child, environment, this.#named(child, name), this.#exactText(child));
      },
      host: (child) => this.#set(child, action, 'host', this.#host(child)),
      opaque: (child) => this.#set(child, action, 'opaque', this.#word(child)),
      'on-error': (child) => this.#set(child, action, 'onError', this.#onError(child)),
    });
    if (after.length > 0) action.after = after;
    if (files.length > 0) action.files = files;
    if (Object.keys(parameters).length > 0) action.parameters = parameters;
    if (Object.keys(environment).length > 0) action.environment = environment;
    return action;
  }

  #parameter(element: XmlElement, identity: unknown): unknown {
    const text = this.#exactText(element);
    if (identity === undefined) return text;
    if (text.trim() !== '')
      throw this.#error(element, 'expected either a text or the attribute identity, found both');
    return { identity };
  }

  #file(element: XmlElement): PlainObject {
    const {
      encoding,
      'xml:space': space,
      ...file
    } = this.#attributes(element, {
      path: asText,
      mode: asText,
      encoding: asText,
      source: asText,
      'xml:space': asText,
    });
    if (encoding !== undefined && encoding !== 'base64' && encoding !== 'text') {
      throw this.#error(
        element,
        `expected encoding="text" or encoding="base64", found ${excerpt(String(encoding))}`,
      );
    }
    if (encoding === 'base64') return { ...file, base64: this.#exactText(element) };
    const content = space === 'preserve' ? this.#exactText(element) : this.#blockText(element);
    return file.source !== undefined && content.trim() === '' ? file : { ...file, content };
  }

  #host(element: XmlElement): PlainObject {
    this.#attributes(element, {});
    const host: PlainObject = {};
    this.#children(element, {
      'add-disk': (child) => {
        this.#children(child, {});
        this.#set(child, host, 'addDisk', this.#attributes(child, { size: asNumber }));
      },
      'attach-iso': (child) => {
        const files: PlainObject[] = [];
        this.#children(child, { file: (file) => files.push(this.#file(file)) });
        this.#set(child, host, 'attachIso', { ...this.#attributes(child, { label: asText }), files });
      },
      'add-network-interface': (child) => {
        this.#children(child, {});
        this.#set(child, host, 'addNetworkInterface', this.#attributes(child, {}));
      },
    });
    return host;
  }

  #onError(element: XmlElement): PlainObject {
    const { 'go-on-at': goOnAt, ...onError } = this.#attributes(element, {
      retries: asNumber,
      then: asText,
      'go-on-at': asText,
    });
    if (goOnAt !== undefined) {
      if (onError.then !== undefined)
        throw this.#error(element, 'expected one of the attributes then and go-on-at, found both');
      onError.then = { goOnAt };
    }
    this.#children(element, {
      dag: (child) => this.#set(child, onError, 'handler', { actions: this.#dag(child) }),
    });
    return onError;
  }

  /** Attributes as fields, each by its own conversion; any other attribute is refused. */
  #attributes(element: XmlElement, known: Readonly<Record<string, (text: string) => unknown>>): PlainObject {
    const fields: PlainObject = {};
    for (const [name, value] of element.attributes) {
      const convert = Object.hasOwn(known, name) ? known[name] : undefined;
      if (convert === undefined) {
        throw this.#error(
          element,
          `<${element.name}> has no attribute ${excerpt(name)}${suggestion(name, Object.keys(known))}`,
        );
      }
      fields[name] = convert(value);
    }
    return fields;
  }

  /** Hands every element inside to its reader; other elements and text between them are refused. */
  #children(element: XmlElement, known: Children): void {
    for (const child of element.children) {
      const read = Object.hasOwn(known, child.name) ? known[child.name] : undefined;
      if (read === undefined) {
        throw this.#error(
          child,
          `<${element.name}> holds no <${child.name}>${suggestion(child.name, Object.keys(known))}`,
        );
      }
      read(child);
    }
    if (element.text.trim() !== '') {
      throw this.#error(
        element,
        `<${element.name}> holds elements only, found the text ${excerpt(element.text.trim())}`,
      );
    }
  }

  #word(element: XmlElement): string {
    this.#attributes(element, {});
    return this.#exactText(element).trim();
  }

  #blockText(element: XmlElement): string {
    const text = this.#exactText(element);
    return element.attributes.get('xml:space') === 'preserve' ? text : dedent(text);
  }

  #exactText(element: XmlElement): string {
    const child = element.children[0];
    if (child !== undefined)
      throw this.#error(child, `<${element.name}> holds text only, found <${child.name}>; use CDATA for "<"`);
    return element.text;
  }

  #named(element: XmlElement, name: unknown): string {
    if (typeof name === 'string') return name;
    throw this.#error(element, `expected the attribute name of <${element.name}>, found none`);
  }

  #set(element: XmlElement, object: PlainObject, name: string, value: unknown): void {
    const problem = setField(object, name, value);
    if (problem !== undefined) throw this.#error(element, `<${element.name}>: ${problem}`);
  }

  #error(element: XmlElement, description: string) {
    return syntaxError(this.#text, element.offset, description);
  }
}

function asText(text: string): string {
  return text;
}

/** A whole number where it is written so; sizes and durations with units stay texts. */
function asNumber(text: string): string | number {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

function asBoolean(text: string): string | boolean {
  return text === 'true' || text === 'false' ? text === 'true' : text;
}
