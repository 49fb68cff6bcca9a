/** Mails as they are sent and should not be, each with the addresses of the links that a reader can follow in it. */
export const nastyMails: { what: string; html: string; links: string[] }[] = [
  {
    what: 'Outlook conditionals, with a button that only Outlook draws',
    html: '<!--[if mso]><v:roundrect href="http://a.example/vml"><w:anchorlock/></v:roundrect><![endif]--><!--[if !mso]><!--><a href="http://a.example/1">x</a><!--<![endif]--><![if !mso]><a href="http://a.example/2">y</a><![endif]>',
    links: ['http://a.example/1', 'http://a.example/2'],
  },
  {
    what: 'values without quotes, with single ones, and with blanks around the sign',
    html: `<a href=http://a.example/1>x</a><A HREF = 'http://a.example/2'>y</A><a\n\thref\n=\n"http://a.example/3"\n>z</a><a href=http://a.example/4/>w</a>`,
    links: ['http://a.example/1', 'http://a.example/2', 'http://a.example/3', 'http://a.example/4/'],
  },
  {
    what: 'entities in an address, some of them no entities at all',
    html: '<a href="http://a.example/?a=1&amp;b=2&copy=3&#x26;d=4&lt;&notit;">x &amp; y &copy;</a><a href="&#104;ttps://a.example/2">z</a>',
    links: ['http://a.example/?a=1&b=2&copy=3&d=4%3C&notit;', 'https://a.example/2'],
  },
  {
    what: 'tables in tables, and tags that are never closed',
    html: '<table><tr><td><table><td><a href="http://a.example/1"><b>x<td><a href="http://a.example/2">y</table><p></td></table></div>',
    links: ['http://a.example/1', 'http://a.example/2'],
  },
  {
    what: 'no body tag, no head, no end',
    html: 'Bonjour<br>\r\n\r\n<a href="http://a.example/1">x',
    links: ['http://a.example/1'],
  },
  {
    what: 'characters outside the first plane, half of one, and no characters',
    html: '<p>👩‍🚀 𝒳 \ud800 \u0000 \ufeff\ufffe</p><a title="😀" href="http://a.example/𝒳?q=\ud83d">🎉</a>',
    links: ['http://a.example/%F0%9D%92%B3?q=%EF%BF%BD'],
  },
  {
    what: 'comments that end early, late and never',
    html: '<!--><a href="http://a.example/1">x</a>--><!-- -- > <a href="http://b.example">no</a> --!><a href="http://a.example/2">y</a><!-- <a href="http://b.example">',
    links: ['http://a.example/1', 'http://a.example/2'],
  },
  {
    what: 'CDATA, which in a page is a comment to its first bracket',
    html: '<![CDATA[ <a href="http://b.example">x ]]> <a href="http://a.example/1">y</a><?php echo "<a href=http://b.example" ?>z',
    links: ['http://a.example/1'],
  },
  {
    what: 'links in styles, scripts, titles and textareas',
    html: '<title><a href="http://b.example">x</a></title><style>a[href="http://b.example"]{} /* <a href="http://b.example"> */</style><script>document.write(\'<a href="http://b.example">\')</script><textarea><a href="http://b.example"></textarea><a href="http://a.example/1">y</a>',
    links: ['http://a.example/1'],
  },
  {
    what: 'a base tag, and links that are relative to it',
    html: '<base href="http://b.example/"><link href="http://b.example/s.css"><a href="page">x</a><a href="/page">x</a><a href="//b.example/page">x</a><a href="https:page">x</a><a href="http://a.example/1">y</a>',
    links: ['http://a.example/1'],
  },
  {
    what: 'capital letters everywhere',
    html: '<HTML><BODY><A HREF="HTTPS://A.EXAMPLE/One">X</A><MAP><AREA SHAPE=RECT HREF=HTTP://A.EXAMPLE/Two></MAP></BODY></HTML>',
    links: ['https://a.example/One', 'http://a.example/Two'],
  },
  {
    what: 'what is no web address',
    html: '<a href="mailto:a@b.example">m</a><a href="tel:+33">t</a><a href="sms:1">s</a><a href="#top">a</a><a href="javascript:x">j</a><a href="cid:1">c</a><a href="data:,">d</a><a href="">e</a><a href>f</a><a name="x">g</a><a href="http://">h</a><a href="{{url}}">i</a>',
    links: [],
  },
  {
    what: 'an attribute twice, one that only looks like it, and one in another’s value',
    html: `<a href="http://a.example/1" href="http://b.example">x</a><a data-href="http://b.example">y</a><a title='href="http://b.example"' href="http://a.example/2">z</a><a xlink:href="http://b.example">w</a><img href="http://b.example">`,
    links: ['http://a.example/1', 'http://a.example/2'],
  },
  {
    what: 'an author who said no, before and after the address',
    html: '<a data-no-track href="http://b.example">x</a><a href="http://b.example" DATA-NO-TRACK="">y</a><area href="http://b.example" data-no-track=true /><a href="http://a.example/1">z</a>',
    links: ['http://a.example/1'],
  },
  {
    what: 'brackets, quotes and line ends in an address',
    html: `<a href="\n http://a.example/\n1 ">x</a><a href='http://a.example/?q="2"'>y</a><a href="http://a.example/?q=<3>">z</a><a href="http://a.example/4`,
    links: ['http://a.example/1', 'http://a.example/?q=%222%22', 'http://a.example/?q=%3C3%3E'],
  },
  {
    what: 'a drawing with links of its own',
    html: '<svg><a href="http://a.example/1"><text>x</text></a><style><a href="http://a.example/svg">no</style></svg><math><mi href="http://b.example"></mi></math>',
    links: ['http://a.example/1'],
  },
]
