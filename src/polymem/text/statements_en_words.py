"""English word lists of the statement rules and of name finding."""

from __future__ import annotations

from typing import Final

from polymem.text.statement_rules import phrase_set, word_set

__all__ = [
    "ATTITUDES",
    "BELONGINGS",
    "COMMON_CAPITALISED",
    "EVALUATIVE",
    "FAMILY",
    "FIRST_NAMES",
    "FIXED_PAIRS",
    "GENERIC_THE",
    "LANGUAGES",
    "NOT_A_NAME",
    "OCCUPATIONS",
    "PETS",
    "PLACES",
    "TRAITS",
]

FAMILY: Final[dict[str, str]] = {
    word: predicate
    for predicate, words in {
        "mother": "mother|mom|mum|mommy|mama",
        "father": "father|dad|daddy|papa",
        "sister": "sister|sis|twin sister|stepsister",
        "brother": "brother|bro|twin brother|stepbrother",
        "sibling": "sibling|twin",
        "son": "son|stepson",
        "daughter": "daughter|stepdaughter",
        "child": "child|kid|baby",
        "grandmother": "grandmother|grandma|granny|nana",
        "grandfather": "grandfather|grandpa|granddad",
        "grandchild": "grandchild|grandson|granddaughter",
        "uncle": "uncle",
        "aunt": "aunt|auntie",
        "cousin": "cousin",
        "nephew": "nephew",
        "niece": "niece",
        "in_law": "mother-in-law|father-in-law|sister-in-law|brother-in-law|mother in law|father in law|sister in law"
        "|brother in law",
        "partner": "wife|husband|partner|spouse|girlfriend|boyfriend|fiancé|fiancée|fiance|fiancee",
        "friend": "friend|best friend|buddy|bestie|girl friend|pal",
        "colleague": "colleague|coworker|co-worker|workmate",
        "boss": "boss|manager|supervisor",
        "teacher": "teacher|professor|coach|tutor|mentor",
        "student": "student|pupil",
        "classmate": "classmate",
        "roommate": "roommate|flatmate|housemate",
        "neighbour": "neighbour|neighbor",
    }.items()
    for word in words.split("|")
}
"""Nouns for people by the predicate that they state."""

PETS: Final = word_set("""dog puppy cat kitten kitty rabbit bunny hamster parrot bird budgie canary cockatiel goldfish turtle tortoise
    snake lizard gecko iguana horse pony ferret hedgehog chinchilla rat poodle labrador lab retriever beagle husky
    corgi terrier bulldog dachshund chihuahua collie shepherd spaniel dalmatian pug greyhound tabby chicken duck goat
    pig donkey tarantula axolotl""")

LANGUAGES: Final = word_set("""english mandarin chinese cantonese spanish french german italian portuguese dutch russian polish ukrainian czech
    slovak hungarian romanian bulgarian greek turkish arabic hebrew persian farsi hindi urdu bengali punjabi tamil telugu
    japanese korean vietnamese thai indonesian malay tagalog swahili swedish norwegian danish finnish icelandic irish
    welsh catalan croatian serbian esperanto latin esperanto""")

OCCUPATIONS: Final = word_set("""accountant actor actress administrator analyst animator anthropologist archaeologist architect artist astronaut
    astronomer attorney auditor author baker banker barber barista bartender biologist blogger bookkeeper botanist
    broker builder butcher carpenter cashier chef chemist chiropractor cleaner clerk comedian composer consultant
    contractor cook counselor counsellor courier curator dancer dentist designer detective developer dietitian
    dietician diplomat director doctor driver ecologist economist editor electrician engineer entrepreneur executive
    farmer firefighter fisherman florist freelancer gardener geologist geographer graphic hairdresser historian
    housekeeper hygienist illustrator influencer inspector interpreter investor janitor jeweler journalist judge
    lawyer lecturer librarian lifeguard linguist machinist maid manager marketer masseuse mathematician mechanic
    meteorologist midwife miner minister model musician nanny novelist nurse nutritionist officer optician
    optometrist painter paralegal paramedic pastor pediatrician pharmacist philosopher photographer photojournalist
    physician physicist physiotherapist pianist pilot plumber poet policeman policewoman politician postman potter
    priest principal producer professor programmer promoter psychiatrist psychologist publicist realtor receptionist
    recruiter reporter researcher sailor salesman salesperson saleswoman scientist screenwriter sculptor seamstress
    secretary singer sociologist soldier songwriter statistician stockbroker streamer stylist surgeon surveyor tailor
    teacher technician technologist therapist trader translator tutor veterinarian vet videographer violinist waiter
    waitress welder woodworker writer youtuber zoologist""")

TRAITS: Final = word_set("""vegetarian vegan pescatarian introvert extrovert minimalist perfectionist feminist atheist agnostic christian
    catholic protestant muslim buddhist hindu jew sikh student freshman sophomore undergraduate graduate retiree
    pensioner veteran immigrant expat mother father mom mum dad parent grandmother grandfather grandma grandpa twin
    aries taurus gemini cancer leo virgo libra scorpio sagittarius capricorn aquarius pisces married single divorced
    engaged widowed retired left-handed colorblind colour-blind color-blind bilingual diabetic asthmatic dyslexic
    lefty insomniac cyclist marathoner hiker climber gamer bookworm foodie workaholic teetotaler transgender gay
    lesbian bisexual nonbinary non-binary autistic deaf vegetarians pregnant unemployed self-employed jewish american
    british english scottish irish welsh german french italian spanish portuguese dutch swedish norwegian danish
    finnish polish russian ukrainian greek turkish chinese japanese korean indian canadian mexican brazilian
    australian african nigerian kenyan egyptian iranian vietnamese thai filipino indonesian""")
"""What "I am (a) …" may say of somebody for good."""

BELONGINGS: Final = word_set("""car bike bicycle motorcycle motorbike scooter truck van boat yacht kayak canoe house home apartment flat condo
    cabin cottage farm garden greenhouse balcony piano guitar violin cello ukulele drum drums keyboard saxophone flute
    trumpet camera laptop computer pc tablet ipad iphone kindle telescope drone printer bakery restaurant cafe shop
    store studio company business startup website blog podcast channel degree masters phd diploma tattoo tattoos
    asthma diabetes adhd arthritis epilepsy migraine migraines insomnia tesla kids children sons daughters sisters
    brothers siblings child kid son daughter sister brother grandchildren grandkids nieces nephews cousins
    sibling twins motorhome caravan tractor sewing-machine treadmill collection license licence passport""")

EVALUATIVE: Final = word_set("""good great bad terrible awful nice best better worst lovely wonderful amazing awesome huge big slow fast quick
    poor decent excellent fantastic horrible real total complete bit lot former retired aspiring wannabe ex future
    perfect natural little true only same one reason problem way point thing first last next happy proud lucky
    kind sweet lazy crazy cool busy strong keen avid main key worse such rock star queen king blessing inspiration
    source part type sort kind member number symbol reminder example game""")

GENERIC_THE: Final = word_set("""sea beach ocean outdoors mountains mountain countryside rain snow sun cold heat gym city piano guitar
    violin cello drums flute saxophone ukulele woods forest desert night morning weekend weekends winter summer
    autumn fall spring gods arts theater theatre opera ballet cinema movies news internet wilderness""")
"""Nouns that are generic in spite of "the"; elsewhere "the" points at something in the conversation."""

FIXED_PAIRS: Final = (
    "rock and roll",
    "mac and cheese",
    "fish and chips",
    "salt and pepper",
    "bed and breakfast",
    "arts and crafts",
    "drum and bass",
    "black and white",
    "dungeons and dragons",
    "cookies and cream",
    "rhythm and blues",
    "bread and butter",
    "science fiction and fantasy",
)
"""Pairs that one thing is called by."""

ATTITUDES: Final = "love|like|hate|enjoy|adore|dislike|detest|loathe|despise|prefer"

PLACES: Final = word_set("""amsterdam athens atlanta austin bangkok barcelona beijing berlin boston brussels budapest cairo california canada
    chicago china chengdu copenhagen dallas delhi denver detroit dubai dublin edinburgh england florence florida france
    geneva germany glasgow greece guangzhou hamburg hangzhou helsinki honolulu houston india ireland istanbul italy
    jakarta japan kenya korea kyoto lagos lisbon liverpool london lyon madrid malaysia manchester manhattan melbourne
    mexico miami milan montreal moscow mumbai munich nairobi nanjing naples netherlands norway oslo ottawa oxford paris
    philadelphia phoenix poland portland portugal prague rome russia scotland seattle seoul shanghai shenzhen singapore
    spain stockholm sweden switzerland sydney taipei taiwan texas thailand tokyo toronto turkey uk usa vancouver venice
    vienna vietnam wales warsaw washington wuhan zurich brazil argentina chile egypt nigeria australia iceland austria
    belgium denmark finland hungary israel peru colombia pakistan philippines indonesia brooklyn ukraine europe asia
    africa america""") | phrase_set(
    "new york|new york city|los angeles|san francisco|san diego|las vegas|hong kong|new zealand|new delhi|south korea|north korea"
    "|united states|united kingdom|sri lanka|costa rica|rio de janeiro|buenos aires|mexico city|cape town|kuala lumpur|tel aviv"
    "|abu dhabi|saudi arabia|south africa|new orleans|new jersey|north carolina|south carolina|salt lake city|st petersburg"
    "|puerto rico|ho chi minh city|the netherlands|new mexico|sao paulo"
)
"""Cities and countries, also when written in lower case."""

FIRST_NAMES: Final = word_set("""Aaron Abigail Adam Adrian Agnes Aidan Alan Albert Alex Alexander Alexandra Alexis Alfred Alice Alicia Alison Amanda
    Amber Amelia Amir Amy Ana Andre Andrea Andrew Andy Angela Anita Ann Anna Anne Annie Anthony Antonio Arthur Ashley
    Audrey Ava Barbara Becky Bella Ben Benjamin Bernard Beth Betty Bill Billy Bob Bobby Brad Brandon Brenda Brian Bruce
    Bryan Caleb Calvin Cameron Camila Carl Carla Carlos Carmen Carol Caroline Catherine Cathy Charles Charlie Charlotte
    Chen Cheryl Chloe Chris Christian Christina Christine Christopher Claire Clara Colin Connor Craig Cynthia Daisy Dan
    Dana Daniel Danny Darren Dave David Dean Deborah Debra Deepak Denise Dennis Derek Diana Diane Diego Dmitri Donald
    Donna Doris Dorothy Doug Douglas Dylan Eddie Edgar Edith Edward Eileen Elaine Eleanor Elena Eli Elijah Elizabeth
    Ella Ellen Emily Emma Eric Erica Erik Erin Ethan Eva Evan Eve Evelyn Felix Fiona Frances Francis Frank Fred
    Frederick Gabriel Gary Gavin Gemma George Gerald Gina Giulia Gloria Gordon Graham Greg Gregory Hannah Hans Harold
    Harriet Harry Hassan Heather Hector Heidi Helen Helena Henry Howard Hugh Hugo Ian Ingrid Irene Isaac Isabel Isabella
    Ivan Jack Jackie Jacob Jake James Jamie Jan Jane Janet Janice Jasmine Jason Jay Jean Jeff Jeffrey Jennifer Jenny
    Jeremy Jerry Jesse Jessica Jill Jim Jimmy Joan Joanna Joe Joel John Johnny Jon Jonathan Jordan Jorge Jose Joseph
    Josh Joshua Joyce Juan Judith Judy Julia Julian Julie Justin Kai Karen Karl Kate Katherine Kathleen Kathy Katie Kayla
    Keith Kelly Ken Kenneth Kevin Kim Kimberly Kyle Larry Laura Lauren Lawrence Leah Lee Lena Leo Leon Leonard Leslie
    Lewis Li Liam Lily Linda Lisa Liz Logan Lois Lori Louis Louise Lucas Lucia Lucy Luis Luke Luna Lydia Maggie Marcus
    Margaret Maria Marie Marilyn Mario Marion Martha Martin Marvin Mary Mason Mateo Matt Matthew Maurice Max Maya Megan
    Mei Melanie Melissa Mia Michael Michelle Miguel Mike Mila Ming Miriam Mohamed Mohammed Molly Monica Morgan Muhammad
    Nadia Nancy Naomi Natalia Natalie Nate Nathan Nathaniel Neil Nicholas Nick Nicole Nina Noah Nora Norman Olga Oliver
    Olivia Omar Oscar Owen Pablo Pamela Patricia Patrick Paul Paula Pauline Pedro Peggy Penny Peter Phil Philip Phoebe
    Phyllis Priya Rachel Ralph Raj Ravi Ray Raymond Rebecca Rhonda Ricardo Richard Rick Rita Robert Roberta Robin Roger
    Roland Ron Ronald Rosa Rosie Ross Roy Ruby Russell Ruth Ryan Sally Sam Samantha Samuel Sandra Sandy Sara Sarah Scott
    Sean Sebastian Sergei Seth Shane Shannon Sharon Sheila Shirley Simon Sofia Sonia Sophia Sophie Stanley Stella Stephanie
    Stephen Steve Steven Stuart Sue Susan Suzanne Sylvia Tamara Tanya Tara Ted Teresa Terry Theo Theodore Theresa Thomas
    Tiffany Tim Timothy Tina Todd Tom Tommy Tony Tracy Travis Tyler Valerie Vanessa Vera Veronica Victor Victoria Vincent
    Virginia Vivian Walter Wanda Wang Wayne Wei Wendy William Xiao Yasmin Yolanda Yusuf Yuki Yvonne Zachary Zhang Zoe
    Evan Calvin Deborah Jolene Priscilla Akiko Hiroshi Kenji Sakura Fatima Aisha Ahmed Ali Ibrahim Arjun Anjali
    Ramesh Sanjay Sunita Svetlana Natasha Igor Boris Bjorn Lars Astrid Freya Pierre Jacques Francois Claude Marco
    Luca Giovanni Francesca Chiara Paolo Lorenzo Mateusz Agnieszka Katarzyna Jürgen Wolfgang Dieter Klaus Stefan""")

NOT_A_NAME: Final = word_set("""not is was very really also always never often usually just still now then here there who what that this the a an
    and or but so hard difficult easy spelled pronounced unknown irrelevant group request circle zone list member
    loves likes hates has lives works said says told thinks called named me you him her them us it from in on at with
    for to of by as wants went goes got does did can could will would should may might both all together recently
    actually currently already finally even keeps came comes made makes gave gives thing day night house job name
    birthday life family home side age too bit lot idea and's back later crazy sick mad lazy a maybe taxi cab if when
    because tomorrow today yesterday tonight asap please anytime around over old fine ok okay nothing anything mud legion""")
"""Words that never are a name where a rule expects one in lower case."""

COMMON_CAPITALISED: Final = word_set("""I A An The This That These Those It He She We They You My Your His Her Its Our Their Who What When Where Why How
    Which Everyone Everybody Everything Someone Somebody Something Anyone Anybody Anything Nobody Nothing None One Some
    Any Many Most Much All Each Every Both Few Several Other Another Such No Not Yes Yeah Yep Yup Nope Nah Oh Ah Wow Hey
    Hi Hello Bye Goodbye Thanks Thank Please Sorry Well Sure Ok Okay Great Good Nice Cool Awesome Amazing Wonderful Lovely
    Perfect Right True Exactly Absolutely Definitely Totally Maybe Perhaps Probably Possibly Actually Honestly Anyway
    Also And But Or So Because Since Although Though While If Unless Until Before After Then Than As At By For From In
    Into Of Off On Onto Out Over To Up With Without About Above Across Against Along Among Around Behind Below Between
    Beyond During Except Inside Near Outside Through Toward Under Upon Within Is Are Was Were Be Been Being Am Do Does
    Did Have Has Had Can Could Will Would Shall Should May Might Must Let Get Got Go Going Gone Come Make Take Give Keep
    See Look Say Tell Ask Call Try Use Find Think Know Feel Want Need Love Like Hate Hope Wish Enjoy Glad Happy Sad
    Excited Proud Life Love Nature Music Art Dance Dancing People Family Friends Friend Work Time Home House School
    Food Water Coffee Tea Breakfast Lunch Dinner Reading Writing Painting Cooking Running Hiking Yoga Exercise Sleep
    Money Job Today Tomorrow Yesterday Tonight Now Here There Again Still Just Even Only Never Always Sometimes Often
    Usually Once Twice Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June
    July August September October November December Spring Summer Autumn Fall Winter Morning Afternoon Evening Night
    Christmas Easter Thanksgiving Halloween New Old Young Big Small First Last Next Best Better Congrats Congratulations
    Welcome Cheers Dear Hugs Lol Haha Omg Btw Fyi Mom Dad Mum Mother Father Grandma Grandpa Sister Brother Uncle Aunt
    God Jesus Lord Mr Mrs Ms Dr Sir Madam Kids Children Man Woman Men Women Boy Girl Guy Guys Dude Bro Buddy Dog Cat
    Dogs Cats Having Being Getting Taking Making Seeing Watching Playing Working Living Loving Looking Speaking
    Talking Trying Using Sounds Looks Seems Feels Guess Bet Gonna Wanna Gotta Part Plus Later Soon Yet Too Very Really
    English French German Spanish Italian Chinese Japanese Korean American British Internet Nobody Whatever However
    Whenever Wherever Whoever Besides Meanwhile Otherwise Instead Therefore Hence Thus Indeed Certainly Obviously
    Clearly Apparently Luckily Unfortunately Sadly Hopefully Recently Lately Currently Finally Especially Mainly Mostly
    Basically Seriously Literally Personally Generally Overall Luck Success Happiness Hard Practice Science History
    Math Technology Society Company Team Group Boss Teacher Doctor Customer Support Service Business Everything's
    Photo Picture Image Video Book Movie Film Song Show Game Story Place City Town Country World Earth Weather Rain
    Snow Sun Sky Sea Ocean Beach Mountain River Lake Garden Tree Flower Animal Pet Car Bike Train Bus Plane Road Street
    Write Read Translate Explain Describe List Summarize Summarise Create Generate Imagine Pretend Suppose Consider
    Remember Note Check Click Open Close Start Stop Run Play Add Remove Delete Update Change Set Put Send Show Help
    Show Fix Build Test Code Error Warning Info Step Question Answer Example Chapter Section Table Figure Page Part
    Keeping Helping Sharing Spending Volunteering Creating Learning Teaching Staying Finding Meeting Thinking
    TV PC OK AI USA UK EU DIY BBQ CEO FAQ PS PPS PM AM""")
"""Words that are capitalised for other reasons than being a name."""
