import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VmplantsError } from '../../model/errors.js';
import { dedent } from '../../request/dedent.js';
import { readXml } from '../../request/xml.js';
import { readXmlTree, type XmlElement } from '../../request/xmlTree.js';
import { failureOf } from './failureOf.js';

describe('XML', () => {
  it('reads every element of a request into its field', () => {
    const text = `<?xml version="1.0" encoding="utf-8"?>
<!-- a workspace -->
<request xmlns="urn:vmplants:request">
  <hardware isa="x86_64" vcpus="2" memory="1GiB" disk="4096"/>
  <operating-system name="debian" version="12" kernel="6.1.0"/>
  <network>none</network>
  <client-domain> example.org </client-domain>
  <line>qemu</line>
  <identity><parameter name="user">ivan &amp; co</parameter></identity>
  <dag>
    <action name="install" timeout="60s" identity="true" max-age="7d">
      <after>first</after><after>
        second
      </after>
      <script><![CDATA[
        #!/bin/sh
        if [ 1 -lt 2 ] && true; then
          echo x
        fi
      ]]></script>
      <file path="a/b" mode="0755">
        one
          two
      </file>
      <file path="c" encoding="base64">AAEC</file>
      <file path="d" xml:space="preserve">
 x </file>
      <file path="e"> x </file>
      <file path="f" source="local/f"/>
      <parameter name="version">1.2</parameter>
      <parameter name="empty"/>
      <parameter name="user" identity="user"/>
      <environment name="LC_ALL"> C </environment>
      <on-error retries="2" go-on-at="end"><dag><action name="h" timeout="5"><script>x</script></action></dag></on-error>
    </action>
    <action name="disk"><host><add-disk size="1GiB"/></host><on-error then="continue"/></action>
    <action name="iso"><host><attach-iso label="TOOLS"><file path="x">y</file></attach-iso></host></action>
    <action name="nic"><host><add-network-interface/></host></action>
    <action name="by-hand"><opaque>
      0a1b </opaque><after>nic</after></action>
  </dag>
</request>
`;
    expect(readXml(text)).toEqual({
      hardware: { isa: 'x86_64', vcpus: 2, memory: '1GiB', disk: 4096 },
      operatingSystem: { name: 'debian', version: '12', kernel: '6.1.0' },
      network: 'none',
      clientDomain: 'example.org',
      line: 'qemu',
      identity: { user: 'ivan & co' },
      actions: [
        {
          name: 'install',
          timeout: '60s',
          identity: true,
          maxAge: '7d',
          after: ['first', 'second'],
          script: '#!/bin/sh\nif [ 1 -lt 2 ] && true; then\n  echo x\nfi\n',
          files: [
            { path: 'a/b', mode: '0755', content: 'one\n  two\n' },
            { path: 'c', base64: 'AAEC' },
            { path: 'd', content: '\n x ' },
            { path: 'e', content: ' x ' },
            { path: 'f', source: 'local/f' },
          ],
          parameters: { version: '1.2', empty: '', user: { identity: 'user' } },
          environment: { LC_ALL: ' C ' },
          onError: {
            retries: 2,
            then: { goOnAt: 'end' },
            handler: { actions: [{ name: 'h', timeout: 5, script: 'x' }] },
          },
        },
        { name: 'disk', host: { addDisk: { size: '1GiB' } }, onError: { then: 'continue' } },
        { name: 'iso', host: { attachIso: { label: 'TOOLS', files: [{ path: 'x', content: 'y' }] } } },
        { name: 'nic', host: { addNetworkInterface: {} } },
        { name: 'by-hand', opaque: '0a1b', after: ['nic'] },
      ],
    });
  });

  it.each([
    ['<request>\n  <dag>\n</request>', /line 3, column 1: expected <\/dag>, found "<\/request>"/],
    ['<request>\n  <dag>', /line 2, column 3: expected <\/dag>, found the end/],
    ['<request/><request/>', /column 11: expected the end of the text/],
    ['<request/>x', /column 11: expected an element <request>, found "x"/],
    ['', /expected an element <request>, found none/],
    ['<order/>', /expected <request>, found <order>/],
    ['<request xmlns="urn:other"/>', /namespace urn:vmplants:request or none/],
    ['<request><hardwar/></request>', /<request> holds no <hardwar>; did you mean "hardware"/],
    ['<request><hardware vcps="1"/></request>', /<hardware> has no attribute "vcps"; did you mean "vcpus"/],
    [
      '<request><hardware vcpus="1" vcpus="2"/></request>',
      /column 30: the attribute vcpus of <hardware> is given twice/,
    ],
    ['<request><hardware vcpus=1/></request>', /expected name="value"/],
    ['<request><hardware vcpus/></request>', /expected name="value"/],
    ['<request><line>a</line><line>b</line></request>', /<line>: the field "line" is given twice/],
    ['<request>text</request>', /holds elements only, found the text "text"/],
    [
      '<request><dag><action><opaque>a</opaque><opaque>b</opaque></action></dag></request>',
      /<opaque>: the field "opaque" is given twice/,
    ],
    ['<request><dag><action><opaque key="a"/></action></dag></request>', /<opaque> has no attribute "key"/],
    ['<request><line><b/></line></request>', /<line> holds text only, found <b>/],
    ['<request><identity><parameter>x</parameter></identity></request>', /expected the attribute name/],
    [
      '<request><identity><parameter name="constructor">x</parameter></identity></request>',
      /not allowed as the name/,
    ],
    [
      '<request><dag><action name="a"><parameter name="p" identity="u">x</parameter></action></dag></request>',
      /found both/,
    ],
    [
      '<request><dag><action name="a"><file path="p" encoding="hex"/></action></dag></request>',
      /encoding="base64"/,
    ],
    [
      '<request><dag><action name="a"><on-error then="abort" go-on-at="x"/></action></dag></request>',
      /found both/,
    ],
    ['<request><line>a & b</line></request>', /line 1, column 18: .*write "&" as "&amp;"/],
    ['<request><line>&nbsp;</line></request>', /character reference/],
    ['<request><line>&#0;</line></request>', /character reference/],
    ['<request><line>&#xD800;</line></request>', /character reference/],
    ['<request><line>&#x110000;</line></request>', /character reference/],
    ['<request><line>&#27;</line></request>', /character reference/],
    ['<request><line>\u001b</line></request>', /column 16: expected text, found a control character/],
    ['<!DOCTYPE request><request/>', /a DOCTYPE is not allowed/],
    ['<!doctype html><request/>', /a DOCTYPE is not allowed/],
    ['<request><!DOCTYPE x></request>', /a DOCTYPE is not allowed/],
    ['<request><!ENTITY x "y"></request>', /expected an element, a comment or a CDATA section/],
    ['<request><?php x ?></request>', /processing instructions are not allowed/],
    ['<?xml version="1.0" encoding="utf-16"?><request/>', /processing instructions are not allowed/],
    ['<request><!-- a -- b --></request>', /comment/],
    ['<request><!-- a', /comment/],
    ['<request><line><![CDATA[x</line></request>', /CDATA/],
    ['<![CDATA[x]]><request/>', /expected an element <request>/],
    ['<request a="<"/>', /column 13: .*write "<" in text as "&lt;"/],
    ['<request a="<b"/>', /column 13: .*write "<" in it as "&lt;"/],
    ['<request>]]></request>', /column 10: write "]]>"/],
    ['<request/></re', /column 11: expected the end of the text, found "<\/re"/],
    ['<request></>', /column 10: expected <\/request>, found "<\/>"/],
    ['<request></request x>', /expected ">" after the name/],
    ['<request>&#x110000;', /column 10: expected a character reference/],
    ['<?xml version="1.0"?>\n<!-- a --> x', /line 2, column 12: expected an element <request>, found "x"/],
    ['</request>', /expected the end of the text, found "<\/request>"/],
    ['< request/>', /expected the name of an element/],
  ])('refuses %j', (text, message) => {
    expect(failureOf(text, 'xml')).toMatch(message);
  });

  it('counts lines the same whatever ends them', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      expect(failureOf(['<request>', '', '  <x/>', '</request>'].join(end), 'xml')).toMatch(
        /line 3, column 3/,
      );
    }
  });

  it('reads every tree as it was written', () => {
    const name = fc.constantFrom('a', 'b', 'c-d', 'e.f', 'g:h');
    const text = fc.string({
      unit: fc.constantFrom(
        'x',
        ' ',
        '\n',
        '\t',
        '\r',
        '<',
        '>',
        '&',
        '"',
        "'",
        'é',
        '😀',
        ']',
        ';',
        '#',
        '-',
      ),
    });
    interface Node {
      readonly name: string;
      readonly attributes: Readonly<Record<string, string>>;
      readonly text: string;
      /** Whether the text is written as a CDATA section. */
      readonly cdata: boolean;
      readonly children: readonly Node[];
    }
    const { node } = fc.letrec<{ node: Node }>((tie) => ({
      node: fc.record({
        name,
        attributes: fc.dictionary(name, text, { maxKeys: 3, noNullPrototype: true }),
        text,
        cdata: fc.boolean(),
        children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('node'), { maxLength: 3 })),
      }),
    }));
    const escaped = (value: string) =>
      value.replace(/[<>&'"\n\t\r]/g, (character) => `&#${character.charCodeAt(0)};`);
    const section = (value: string) => `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
    const written = (one: Node): string => {
      const attributes = Object.entries(one.attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
      // The last child stands behind the text: text on both sides of an element is one text.
      const children = one.children.map(written);
      const inside = one.cdata ? section(one.text.replaceAll('\r', '')) : escaped(one.text);
      return `<${one.name}${attributes.join('')}>${children.slice(1).join('')}${inside}<!-- & < -->${children.slice(0, 1).join('')}</${one.name}>`;
    };
    const meant = (one: Node): unknown => ({
      name: one.name,
      attributes: one.attributes,
      // A bare carriage return is a line end; only a reference can say it.
      text: one.cdata ? one.text.replaceAll('\r', '') : one.text,
      children: [...one.children.slice(1), ...one.children.slice(0, 1)].map(meant),
    });
    const read = (element: XmlElement): unknown => ({
      name: element.name,
      attributes: Object.fromEntries(element.attributes),
      text: element.text,
      children: element.children.map(read),
    });
    fc.assert(
      fc.property(node, (tree) => {
        expect(read(readXmlTree(written(tree)))).toEqual(meant(tree));
      }),
      { numRuns: 500 },
    );
  });

  it('never fails but by saying what is wrong, whatever the text', () => {
    const piece = fc.constantFrom(
      ...['<', '>', '/', '!', '?', '&', ';', '#', '=', '"', "'", '-', '--', ']]>', ' ', '\n', 'a', 'b'],
      ...[
        '<a',
        '</a>',
        '<a>',
        '<b/>',
        '<!--',
        '-->',
        '<![CDATA[',
        '<!DOCTYPE a>',
        '<?a?>',
        '&lt;',
        '&#',
        '&#9;',
      ],
      ...[
        '<?xml version="1.0"?>',
        '\u0000',
        '\ufffe',
        '\ufeff',
        'é',
        ' b="',
        "c='",
        '<request>',
        '</request>',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        try {
          readXmlTree(text);
        } catch (error) {
          if (!(error instanceof VmplantsError)) throw error;
          const place = /line (\d+), column (\d+): /.exec(error.message);
          const lines = text.split('\n');
          const line = Number(place?.[1]);
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(Number(place?.[2])).toBeGreaterThan(0);
          expect(Number(place?.[2])).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
          expect(error.message).not.toMatch(/not well-formed XML/);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('dedent', () => {
  it.each([
    ['x', 'x'],
    ['  x\n  y', '  x\n  y'],
    ['\n  a\n    b\n\n  c\n', 'a\n  b\n\nc\n'],
    ['\n  a\n  ', 'a\n'],
    ['\n\ta\n\t\tb\n', 'a\n\tb\n'],
    ['\n \ta\n  b\n', '\ta\n b\n'],
    [' \n\n  a\n', '\na\n'],
    ['\n  a\n      \n  b\n', 'a\n    \nb\n'],
    ['\n', ''],
    ['', ''],
  ])('%j becomes %j', (text, meant) => {
    expect(dedent(text)).toBe(meant);
  });
});
