"""The claim check's plain rules, one by one: numbers, names, things that changed places, words that go too far."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.claim_numbers import wrong_number
from rag.claim_reach import overreach
from rag.claim_rules import wrong_name
from rag.claim_swaps import swapped
from rag.clauses import clauses_of, half_denies
from rag.opposites import opposed
from rag.quantities import quantities
from rag.sayers import Cited
from rag.word_forms import kin


def said(text: str, speaker: str | None = "Ada Berg") -> list[Cited]:
    return [Cited(text, speaker)]


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("Nine tenths of it is old.", "about 90% of it is old"),
        ("Ninety percent of it is old.", "nine out of ten times it's old"),
        ("It lasted half a year.", "it lasted six months"),
        ("It lasted eighteen months.", "it lasted a year and a half"),
        ("It cost 50,000 dollars.", "it was $50k"),
        ("They got 1.2 million.", "we got one point two million"),
        ("Founded in 2015.", "that was twenty fifteen"),
        ("More than forty came.", "there were 45 of us"),
        ("Nearly 60 came.", "fifty-eight people came"),
        ("Three tools, Ant, Bee and Cow, are used.", "we use Ant, and Bee, and Cow"),
        ("Churn fell from seven to four percent.", "it went from seven percent down to four"),
        ("It was about 1,800 to 2,000 rows.", "we did 1,800 to 2,000 rows"),
        ("Three quarters of them stayed.", "nine of the twelve stayed"),
        ("It took two of them once.", "two of us did it"),
        ("It takes ten milliseconds.", "every 10 ms"),
        ("It was the third try.", "on the third try it worked"),
        ("All, 100 percent, came.", "everybody came"),
        ("It burned down twice.", "it burned, and we built it up, and it burned again"),
        ("The two pumps had the wrong labels.", "the labels are swapped, pump A is pump B"),
        ("It had a mint in the twelfth century.", "in the 1100s they struck coins here"),
        ("It is painted every eighteen months.", "we paint it every year and a half"),
        ("Two nurses were on the ward.", "it was me and one other nurse"),
        ("It took forty-two tries.", "forty-one were bad, and the forty-second was right"),
        ("A third of the boats leak.", "of our boats, I want to say a third, leak"),
        ("She ranks it about fourth.", "for me it's, like, fourth"),
        ("Two-thirds of the boats leak.", "two out of three boats leak"),
        ("Two thirds of the oaks lived.", "we planted 900 oaks, and six hundred were there after the summer"),
        ("It takes a quarter of the time.", "it took two seconds, and now half a second"),
        ("Rent doubled within four years.", "in 2015 I paid four hundred, and by 2019 it was eight hundred"),
        ("He paid it off four years early.", "it was a ten-year loan, and I was through after six years"),
        ("Fewer than one boat in ten leaks.", "so six percent of them leak"),
        ("Salt it a day ahead.", "salt it the day before, not ten minutes before"),
        ("It was planted in the fifteenth century.", "the monks planted it in the fifteenth century"),
        ("It is of the twentieth century.", "they built it in nineteen twenty"),
        ("Skylarks were back within two seasons.", "by the second season there were skylarks"),
        ("Frost destroyed a third harvest.", "two harvests we lost, and when the third one went, we sold"),
        (
            "Two of the three founders are still there.",
            "there were three of us, and me and Piet are still here",
        ),
        ("Kelp is ready after six months.", "you put it out in November, and by May you cut it"),
        ("They wait for three months.", "keep still for ninety days"),
        ("Fewer than ten people speak it.", "there's seven people left"),
        ("Ada judged 104 puddings.", "I judged a hundred and four puddings"),
        ("The tractor was nearly £200,000.", "it was a hundred and ninety-eight thousand pounds"),
        ("It was down for less than three quarters of an hour.", "the outage lasted 43 minutes"),
        ("The bakery was theirs for half a century.", "he opened it in 1961 and I sold it in 2011"),
        ("Building it took more than six centuries.", "it was begun in 1248 and they finished it in 1880"),
        ("It had 64 kilobytes of memory.", "it had 64K of memory"),
        ("The water stood a foot deep.", "there was a foot of water"),
        ("It is about a mile away.", "it's sixteen hundred metres from here"),
        ("More than half became miners.", "of the sixty kids, thirty-eight went down the pit"),
        ("Eight of the libraries would be left.", "we've got 14 libraries, and they want to close six"),
        ("They are raising five children in all.", "we've got three girls and then the two boys"),
        ("It lasts twice as long.", "the old one gave you four hours, and the new one eight"),
        ("She was in her early forties.", "I was forty-three when it happened"),
        ("He quit in his late forties.", "I quit at forty-eight"),
        ("It opened in the mid-1980s.", "we opened the place in '85"),
        ("It opened in the nineties.", "it must have been ninety-four"),
        ("It opened in the 1990s.", "that was some time in the nineties"),
        ("It opened in the late 1970s.", "1978, that's when it was"),
        ("He was born in the eighties.", "I was born in the eighties"),
        ("The clock stands at 8:40.", "it's been stuck on twenty to nine"),
        ("It begins at 5:45 a.m.", "you get up at quarter to six in the morning"),
        ("They milk at half past three.", "and again at half three in the afternoon"),
        ("It opens at eight in the morning.", "we open at 8 a.m."),
        ("It opens at 8.", "we open at eight o'clock"),
        ("The train left at 7:10.", "it goes at ten past seven"),
        ("The train left at 7:10.", "it goes at seven ten"),
        ("School begins forty minutes later.", "we moved the bell from eight o'clock to twenty to nine"),
        ("It was two and a half hours late.", "it was due at ten past seven and came in at twenty to ten"),
        ("The dough rests for twelve hours.", "I make it at ten at night, and at ten in the morning I bake"),
        ("Version two was gone after three days.", "we shipped on a Monday, pulled it on the Thursday"),
        ("The market is on five days a week.", "the market runs Tuesday through Saturday"),
        ("She calls twice a week.", "I ring her every Sunday and every Wednesday"),
        ("He swam three mornings a week.", "training was Monday, Wednesday, Friday"),
        ("It took twelve days.", "I left on the second of April and got there on the fourteenth"),
        ("It slid by four weeks.", "it was meant for the third of May, and went up on the thirty-first"),
        ("It became twice as fast.", "and it ran in half the time"),
        ("It became three times as quick.", "it takes a third of the time now"),
        ("They sold it in the 1990s.", "we sold it, and there were 1200 boats"),
        ("She was in her forties.", "late forties, maybe, and we had twenty people"),
        ("It was in the eighties.", "eighties, I'd say, and the year 2000 was far off"),
        ("They shrank to five people.", "we went from twenty to five people"),
        ("There were fifty of them.", "in the eighties there were fifty"),
        ("Five came.", "at 8 a.m. there were five, and at noon none"),
        ("They work from 9 a.m. to 5 p.m.", "from nine to five p.m."),
        ("They work from 9am to 5pm.", "it's nine to five"),
        ("It's open from 8am to 10am.", "we're open from eight to ten"),
        ("It took a few years.", "it took a few good years"),
        ("It was built in the 1800s.", "it was built in 1850"),
        ("It was built in the late 1800s.", "they built it in the nineteenth century"),
        ("It was in the early 2000s.", "it was 2005"),
        ("She was in her late thirties.", "she was, like, late thirties"),
        ("He was in his thirties.", "I was, what, almost forty"),
        ("It's 80s music.", "it's music of the eighties"),
        ("It began in the 1860s.", "it began in the eighteen sixties"),
        ("He was in his mid to late twenties.", "I was twenty-five"),
        ("It was in the late eighties.", "it was in 1985"),
        ("It times out after 60s.", "it times out after a minute"),
        ("It fell from about twenty to ten.", "it was twenty, and now it's ten"),
        ("The vote was twenty to five.", "twenty voted for it, and five against"),
        ("They read Isaiah 40:31.", "we read Isaiah 40:31"),
        ("They stay up until midnight.", "we stay up late"),
        ("He takes one in the morning.", "I take a tablet in the morning"),
        ("It took 48 hours.", "it took a day or two"),
        ("The first part took 30 minutes.", "the first half an hour was terrible"),
        ("The farm is in its nineties style.", "the farm looks like nineteen ninety"),
        ("It takes five to ten minutes.", "it takes about five to ten minutes"),
        ("Ten of them came.", "five to ten people came"),
        (
            "Two people write code, five make art.",
            "there's seven of us, five artists, and then me and Odile write code",
        ),
    ],
)
def test_a_number_said_otherwise_is_the_same(claim: str, quote: str) -> None:
    assert wrong_number(claim, said(quote)) is None


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("It took nine days.", "it took five days"),
        (
            "It pays for more than 40,000 dollars.",
            "you pay if it's more than 50k, the floor is 50,000 dollars",
        ),
        ("It took forty-two tries.", "the forty-third was right"),
        ("They owe a thousand pounds.", "three million in all, because the old one leaked"),
        ("It took five weeks.", "it took five days"),
        ("It cost 500 dollars.", "it cost 5,000 dollars"),
        ("Founded in 2017.", "founded in 2015"),
        ("Half of them came.", "a third of them came"),
        ("90 percent came.", "ninety people came"),
        ("More than forty came.", "there were 30 of us"),
        ("Thousands came.", "twelve people came"),
        ("It is twice as fast.", "it's ten times as fast"),
        ("Three and a half years passed.", "a year and a half passed"),
        ("Seven boats and two cars.", "two boats and seven cars"),
        ("Appeals must be lodged within 28 days.", "you've got twenty-one days to lodge it"),
        ("It burned down twice.", "it burned, and we built it up"),
        ("The two pumps had the wrong labels.", "all three pumps had the wrong labels"),
        ("It had a mint in the twelfth century.", "in the 1200s they struck coins here"),
        ("Two nurses were on the ward.", "it was me, and it was cold, and the ward was full"),
        ("Two thirds of the oaks lived.", "we planted 900 oaks, and 300 were there after the summer"),
        ("Rent doubled within six years.", "in 2015 I paid four hundred, and by 2019 it was eight hundred"),
        ("Kelp is ready after five months.", "you put it out in November, and by May you cut it"),
        ("They wait for two months.", "keep still for ninety days"),
        ("She was in her early fifties.", "I was forty-three when it happened"),
        ("He quit in his late fifties.", "I quit at forty-eight"),
        ("It opened in the mid-1980s.", "we opened the place in ninety-four"),
        ("It opened in 1985.", "we opened it in the eighties"),
        ("It opened in the 1970s.", "we opened it in the eighties"),
        ("The clock stands at 8:20.", "it's been stuck on twenty to nine"),
        ("It begins at 6:15.", "you get up at quarter to six in the morning"),
        ("It opens at nine in the morning.", "we open at 8 a.m."),
        ("Version two was gone after five days.", "we shipped on a Monday, pulled it on the Thursday"),
        ("The market is on six days a week.", "the market runs Tuesday through Saturday"),
        ("It became twice as fast.", "it takes a third of the time now"),
        ("It became twice as expensive.", "and it ran in half the time"),
        ("It begins at 6 a.m.", "there were thirty people"),
        ("It was in the 1870s.", "that was in the 1970s"),
        ("The price tripled.", "we're open Monday, Wednesday and Friday, and the price went up"),
        ("They hired three people.", "we were open Monday, Tuesday and Friday and hired people"),
        ("It took three days.", "in May I had two dogs and five cats"),
        ("It took three months.", "Mayor Juneau met Augustin"),
        ("It closes at 2 p.m.", "it opens at 8 a.m. and closes at 10 p.m."),
        ("They won 30:20.", "25:20, and we won"),
        ("They have 12 cats.", "we start at noon"),
        ("It is two decades old.", "we're both there, and it's ten years old"),
        ("It took nine days.", "I left on the second of April and got there on the fourteenth"),
        ("It took 49 days.", "it took 50 days"),
        ("There are eight libraries in town.", "we've got 14 libraries, and they want to close six"),
        ("Ada judged a hundred puddings.", "I judged a hundred and four puddings"),
        ("It was down for three quarters of an hour.", "the outage lasted 23 minutes"),
        ("Up to half of it is old.", "no more than five percent is old"),
        ("The dam is more than a mile upstream.", "it's not even three hundred yards above the village"),
        ("The water stood five feet deep.", "there were three feet of water"),
        ("It was planted in the seventeenth century.", "the monks planted it in the fifteenth century"),
        ("Ten percent of the storms came.", "one storm in ten years came by day"),
    ],
)
def test_another_number_is_refused(claim: str, quote: str) -> None:
    assert "the number" in (wrong_number(claim, said(quote)) or "")


@given(st.integers(1, 10**7))
def test_digits_are_read_as_they_are_written(number: int) -> None:
    for text in (f"{number}", f"{number:,}"):
        (read,) = quantities(f"It was {text} boats")
        assert (read.low, read.high) == (number, number)


@given(st.integers(2, 999), st.integers(2, 999))
def test_two_plain_numbers_are_the_same_only_when_equal(one: int, other: int) -> None:
    (a,), (b,) = quantities(f"{one} boats"), quantities(f"{other} boats")
    assert a.same(b) is (one == other)


@pytest.mark.parametrize(
    ("claim", "quotes", "why"),
    [
        ("Ada Berg likes tea.", said("I like tea"), None),
        ("Berg likes tea.", said("I like tea"), None),
        ("They moved to Let's Encrypt.", said("we moved to letsencrypt"), None),
        ("She studied at BYU.", said("I studied at Brigham Young University"), None),
        ("It runs on Kubernetes.", said("it runs on k8s"), None),
        ("Learning Go was easy.", said("I learned Go, it was easy"), None),
        ("They met in Bonn.", [Cited("we met there", "Ada Berg", "So Bonn was cold. We met there.")], None),
        ("Max Frei likes tea.", said("I like tea", None), None),
        ("Max Frei says tea is fine.", said("tea is fine", "SPEAKER_01"), None),
        ("Max Frei likes tea.", said("I like tea"), "said by Ada Berg, not Max Frei"),
        ("According to Max Frei, tea is fine.", said("tea is fine"), "said by Ada Berg, not Max Frei"),
        ("Max Frei says tea is fine.", said("tea is fine, Max, trust me"), "said by Ada Berg, not Max Frei"),
        ("Max Frei says tea is fine.", said("Max said tea is fine"), None),
        ("Much of Quayside's work is free.", said("a lot of our work is free"), None),
        (
            "Much of Quayside's work is free.",
            said("a lot of the work is free"),
            "the name Quayside is not in the quote",
        ),
        ("They met in Bonn.", said("we met in Lund"), "the name Bonn is not in the quote"),
        ("It runs on MySQL.", said("it runs on Postgres", None), "the name MySQL is not in the quote"),
        ("The deadline is in May.", said("the deadline is in March"), "the name May is not in the quote"),
    ],
)
def test_names(claim: str, quotes: list[Cited], why: str | None) -> None:
    assert wrong_name(claim, quotes) == why


@pytest.mark.parametrize(
    ("claim", "quote", "refused"),
    [
        ("Tea is cheaper than coffee.", "tea is cheaper than coffee", False),
        ("Coffee is cheaper than tea.", "tea is cheaper than coffee", True),
        ("Coffee is dearer than tea.", "tea is cheaper than coffee", False),
        ("They moved from Lund to Bonn.", "we moved from Bonn to Lund", True),
        ("They eat before they swim.", "we eat after we swim", True),
        ("They eat before they swim.", "we swim after we eat", False),
        ("The others bake better than Ada Berg.", "I bake better than the others", True),
        (
            "Spraying kills fewer midges in a year than bats eat.",
            "bats eat more midges than spraying kills",
            False,
        ),
        ("They ask cooks before they build a kitchen.", "don't build a kitchen until you ask cooks", False),
        ("They build a kitchen before they ask cooks.", "don't build a kitchen until you ask cooks", True),
    ],
)
def test_places_are_not_changed(claim: str, quote: str, refused: bool) -> None:
    assert (swapped(claim, said(quote)) is not None) is refused


@pytest.mark.parametrize(
    ("claim", "quote", "word"),
    [
        ("All boats leak.", "some boats leak", "all"),
        ("All boats leak.", "every boat leaks", None),
        ("The whole build takes a minute.", "a full build is a minute now", None),
        ("She leaves the dough to prove.", "I leave the dough in the fridge", None),
        ("She stopped sailing altogether.", "I don't sail any more, full stop", None),
        ("No boat is free of leaks, so every one leaks.", "there is no boat that doesn't leak", None),
        ("Most boats leak.", "some boats leak", "most boats"),
        ("Boats leak, as a rule.", "a few boats leak", "as a rule"),
        ("Most boats leak.", "three quarters of boats leak", None),
        ("Nobody sails any more.", "fewer people sail", "nobody"),
        ("Ada Berg never sails on Mondays.", "I try not to sail on Mondays, but sometimes I do", "never"),
        ("Only boats leak.", "boats leak", "only"),
        ("Only Ada Berg can sail.", "I'm the one person who can sail", None),
        ("It is the best boat.", "it's a good boat", "best"),
        ("No other boat is bigger.", "it's the biggest boat", None),
        ("She sails every day.", "I sail daily", None),
        ("She sails every year.", "last year I sailed", "every"),
        ("It is not there at all.", "it isn't there", None),
        ("They proved that it leaks.", "I think it leaks", "proved"),
        ("Ada Berg proved the boat unsafe.", "I think it's unsafe", "proved"),
        ("Everybody who has ever sailed is a cook.", "the first five were all cooks", "ever"),
        ("It is rowed all the way home.", "we row it from here to home", None),
        ("A third of all boats leak.", "one out of three boats leaks", None),
        ("The two have only met face to face two times.", "we met twice, twice in person", None),
        ("The whole fleet leaks.", "the fleet leaks, all of it", None),
        ("Her worry proved wrong, and she was dishonest.", "I worried for nothing, and I lied", None),
        (
            "She isn't entirely happy with the boat, and not every sail fits.",
            "it's a bit slow, two sails fit",
            None,
        ),
        ("They do all kinds of work.", "we do some work", "all"),
        ("Only about six boats are left.", "there's, what, half a dozen boats left", None),
        ("Sloops, ketches and yawls all leak.", "sloops leak, and ketches, and so do yawls", None),
        ("All sloops and ketches leak.", "sloops leak, and ketches", "all"),
        ("Any pier that takes a sloop takes a yawl.", "wherever you moor a sloop you can moor a yawl", None),
        ("Any leak makes her swear.", "every time it leaks, I swear", None),
        ("All boats leak.", "every time I look, a boat leaks", None),
        ("All boats leak.", "every morning a boat leaks", "all"),
        ("Nobody has to sail.", "I asked a few to sail. But we haven't made it a duty.", None),
        ("Nobody sails.", "I really don't sail", "nobody"),
        ("Those who lose pay nothing.", "if you lose you don't owe us a penny", None),
        ("Those who lose pay nothing.", "if you lose you don't pay much", "nothing"),
        ("She answers every letter.", "there's not a single letter that I haven't answered", None),
        ("She answers every letter.", "there's not a single letter in the box today", "every"),
        ("None of the goats gave milk.", "six goats, and not one of them gave milk", None),
        ("Neither of the two had read the whole book.", "I read a chapter, and she read one", None),
        ("A few say that all boats leak.", "I've heard that a boat leaks", "all"),
        ("The whole book is good, and neither of the two had read it.", "I read a chapter", "whole"),
        ("All three of the boats leak.", "there are three boats, and one after the other they leak", None),
        (
            "Sloops make up most of the fleet.",
            "there are twelve boats in the fleet and nine are sloops",
            None,
        ),
        ("Sloops make up most of the fleet.", "twelve boats, and some of them, five, are sloops", "most of"),
        ("It sails in every kind of weather except fog.", "wind, snow, we go, fog keeps us in", None),
        ("She sailed only after it was mended.", "it took a new mast to make me sail", None),
    ],
)
def test_a_sweeping_word_needs_its_like(claim: str, quote: str, word: str | None) -> None:
    why = overreach(claim, said(quote))
    assert why == (None if word is None else f"goes further than the quote ('{word}')")


def test_a_text_made_to_be_slow_is_not() -> None:
    for text in ("a than b " * 500, "from x to " * 500, "one " * 500, "A, " * 500, "x" * 5000):
        began = time.process_time()
        wrong_number(text, said(text))
        wrong_name(text, said(text))
        swapped(text, said(text))
        overreach(text, said(text))
        assert time.process_time() - began < 5, text[:20]


@pytest.mark.parametrize(
    ("one", "other"), [("documents", "documented"), ("ran", "running"), ("behaviour", "behavior")]
)
def test_forms_of_one_word_are_kin(one: str, other: str) -> None:
    assert kin(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("useful", "useless"), ("tested", "untested"), ("opened", "closed")]
)
def test_opposites(one: str, other: str) -> None:
    assert opposed(one, other)
    assert opposed(other, one)
    assert not opposed(one, one)


def test_before_it_happened_it_had_not() -> None:
    before, after = clauses_of("we sailed before they had a map")
    assert half_denies(after, ())
    assert not half_denies(before, ())
    assert not any(half_denies(clause, ()) for clause in clauses_of("the disease is cured"))


def test_a_clause_knows_what_is_denied() -> None:
    first, second = clauses_of("I don't cook fish for guests, but I sail.")
    assert dict(zip(first.words, first.denied, strict=True)) == {"cook": True, "fish": True, "guests": False}
    assert second.words == ("sail",)
    assert not any(second.denied)
