"""What common passwords are made of: words, names and runs of keys that are tried first by whoever guesses.

Collected by hand for this project, in the languages of its pages and their neighbours.
"""

WORDS = frozenset(
    """
    password passwort passord motdepasse contrasena contrasenya contraseña senha haslo hasło parola wachtwoord salasana
    lozinka heslo jelszo sifre parole mima kalimat sirri admin administrator administrateur administrador amministratore
    root master superuser user username usuario utente utilisateur benutzer guest gast invite test testing tester demo
    sample default changeme change letmein letme open sesame opensesame enter access login logon signin welcome welcom
    willkommen bienvenue bienvenido benvenuto bemvindo witaj hello hallo bonjour hola ciao salut marhaba ahlan namaste
    nihao secret secreto segreto geheim sekret confidential private secure security safe system server computer internet
    google facebook twitter instagram whatsapp youtube microsoft windows apple iphone samsung android linux ubuntu
    iloveyou loveyou iloveu jetaime tequiero teamo tiamo ichliebedich kochamcie love lover forever always baby babe
    honey sweet sweetheart angel princess prince queen king family mother father mama papa sister brother friend friends
    football futbol fussball calcio soccer baseball basketball hockey tennis golf rugby cricket superman batman
    pokemon naruto starwars skywalker matrix trustno trustnoone whatever nothing something anything everything monkey
    dragon tiger eagle lion wolf shadow panda dolphin butterfly flower rose summer winter spring autumn fall sommer
    frühling herbst estate inverno primavera verano invierno verao printemps automne hiver lato zima january february
    march april may june july august september october november december januar februar märz juni juli oktober dezember
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre enero febrero marzo mayo junio
    julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre
    dicembre monday tuesday wednesday thursday friday saturday sunday michael jordan jessica jennifer ashley charlie
    thomas daniel robert andrew matthew joshua william george richard harley maria marie anna sophie peter paul john
    david martin alex alexander sandra laura julia nicole carlos jose juan antonio francesco giuseppe mohammed muhammad
    ahmed fatima krishna jesus christ christus church bible amen hallelujah god blessed faith hope peace freedom liberty
    london paris berlin madrid roma rome milano warszawa lisboa beijing shanghai delhi mumbai cairo america england
    deutschland france italia espana polska portugal brasil india china liverpool arsenal chelsea barcelona realmadrid
    juventus bayern manchester united real company office business money cash dollar euro bank gold silver diamond
    ferrari porsche mercedes mustang corvette yamaha honda toyota sunshine moonlight rainbow star stars cookie chocolate
    cheese pepper banana coffee pizza pass word pwd pw the and my your our this that is it for you me not new old one
    two three four five six seven eight nine zero spiderman abc xyz asdf qwerty qwertz azerty zxcv qwer wasd aaa
    petition declaration signature signatures sign campaign organiser editor moderator exporter
    operator console child children dignity
    """.split()
)
RUNS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "йцукенгшщзхъфывапролджэячсмитьбю",
)
"""Of keys and letters, tried forwards and backwards, from three in a row on."""
