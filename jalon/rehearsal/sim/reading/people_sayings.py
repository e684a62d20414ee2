"""What e-mails and pages say about users and admins."""

from __future__ import annotations

from jalon.rehearsal.sim.reading import people_truths, truths
from jalon.rehearsal.sim.reading.saying import Saying

SEATS = (
    Saying(
        "licence (?:of [^.]*? )?is reserved for you",
        "licence [^.]*?vous est réservée",
        people_truths.is_invited,
    ),
    Saying(
        "(?:The link works|You have) until {when}(?:, and| to finish)",
        "(?:Le lien fonctionne|Vous avez) jusqu'au {when}(?:, et| pour tout)",
        people_truths.is_open_until,
    ),
    Saying(
        "nvitation [^.]*was open until {when}",
        "nvitation [^.]*était ouverte jusqu'au {when}",
        people_truths.was_open_until,
    ),
    Saying(
        "This invitation has expired|is not open any more",
        "Cette invitation a expiré|n'est plus ouverte",
        people_truths.is_not_open,
    ),
    Saying(
        "the button below leads to where you add|the button below leads there. A new invitation",
        "le bouton ci-dessous mène là où vous en ajoutez|le bouton ci-dessous y mène. Une nouvelle invitation",
        people_truths.has_users,
    ),
    Saying(
        r"Licences given: (?P<used>\d+) of (?P<all>\d+)",
        r"Licences attribuées : (?P<used>\d+) sur (?P<all>\d+)",
        people_truths.seats_given,
    ),
    Saying(
        r"Licence (?P<seat>\d+) is reserved meanwhile",
        r"La licence (?P<seat>\d+) est réservée d'ici là",
        people_truths.is_held,
    ),
    Saying(
        "Adding this person takes a little longer",
        "L'ajout de cette personne prend un peu plus de temps",
        people_truths.somebody_is_held,
    ),
    Saying("All licences are given", "Toutes les licences sont attribuées", people_truths.no_free_seat),
    Saying(
        "ou can choose (?:who keeps [^.]*? )?until {when}",
        "ous pouvez choisir (?:qui [^.]*? )?jusqu'au {when}",
        people_truths.can_choose,
    ),
    Saying("too late to choose", "trop tard pour choisir", people_truths.choice_is_closed),
    Saying(
        r"(?P<leaving>\d+) users? loses? a licence",
        r"(?P<leaving>\d+) utilisateurs? perd(?:ent)? (?:alors |donc )?une licence",
        people_truths.so_many_leave,
    ),
    Saying(
        "You have a licence of [^.]*? until {when}",
        "Vous avez une licence [^.]*? jusqu'au {when}",
        people_truths.leaves_at,
    ),
    Saying("That has changed: you keep it", "Cela a changé : vous la gardez", people_truths.stays),
    Saying(
        "goes on with fewer licences, and yours",
        "continue avec moins de licences, et la vôtre",
        people_truths.has_no_seat,
    ),
    Saying("Add a user", "Ajouter un utilisateur", people_truths.free_seat),
    Saying("taken the licence", "a repris la licence", people_truths.is_not_open),
    Saying(
        r"The licence (?:of [^.]* )?is yours(?:\.| at once:)",
        r"La licence [^.]*est à vous(?:\.| aussitôt :)",
        people_truths.has_seat,
    ),
    Saying(
        "subscription to [^.]* has ended, and its licences",
        "a pris fin, et ses licences",
        truths.has_status(*truths.ENDED),
    ),
)

ADMINISTRATION = (
    Saying("ou can accept until {when}", "ous pouvez accepter jusqu'au {when}", people_truths.can_accept),
    Saying(
        "could be accepted until {when}",
        "pouvait être acceptée jusqu'au {when}",
        people_truths.was_acceptable,
    ),
    Saying(
        "You could take over [^.]*? until {when}",
        "Vous pouviez reprendre [^.]*? jusqu'au {when}",
        people_truths.was_acceptable,
    ),
    Saying(
        "ou manage [^.]{1,99} now\\b|ou (?:still )?manage [^.]{1,99} as before",
        "ous gérez (?:maintenant|toujours)|ous gérez l'abonnement comme avant",
        people_truths.is_admin,
    ),
    Saying("ou no longer manage", "ous ne gérez plus", people_truths.is_admin_no_more),
)
