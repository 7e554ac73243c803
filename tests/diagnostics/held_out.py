"""Planted faults that the thresholds were not chosen on: other data, seeds and settings."""

from levelset.engine import Recipe
from tests.diagnostics import fault, tables
from tests.diagnostics.planted import case

PLAIN = Recipe(hidden=(20, 12), epochs=100, learning_rate=2e-3)
SIGMOID = PLAIN.changed(activation="sigmoid", learning_rate=1e-3)
TANH = PLAIN.changed(activation="tanh")
RAW = (*fault.UNSETTLED, *fault.STALLED)
UNTAUGHT = (fault.PLATEAU, fault.MISCALIBRATED)

# A table reads better by rows.
# fmt: off
HELD_OUT = (
    # nothing planted
    case("bands", lambda: tables.bands(300), PLAIN, seed=300),
    case("three shells", lambda: tables.shells(301, n=900, classes=3), PLAIN.changed(epochs=200),
         (), (fault.OVERFIT,), seed=301),
    case("five blobs", lambda: tables.blobs(302, n=750, d=6, classes=5, apart=6.0), PLAIN,
         seed=302),
    case("wine, silu", lambda: tables.bundled("wine"), PLAIN.changed(activation="silu"), seed=303),
    case("iris, layer normalization", lambda: tables.bundled("iris"),
         TANH.changed(normalization="layer"), seed=304),
    case("breast cancer, dropout", lambda: tables.bundled("breast_cancer"),
         PLAIN.changed(dropout=0.2, epochs=60), seed=305),
    case("digits, leaky relu", lambda: tables.bundled("digits"), PLAIN.changed(hidden=(30,),
         activation="leaky_relu", epochs=40), seed=306),
    # unscaled inputs
    case("the trap again", lambda: tables.ring(310), Recipe(hidden=(20, 20), activation="sigmoid"),
         (fault.UNSCALED, fault.PLATEAU), fault.STALLED, raw=True, seed=310),
    case("wine raw, elu", lambda: tables.bundled("wine"), PLAIN.changed(activation="elu"),
         (fault.UNSCALED,), RAW, raw=True, seed=311),
    case("bands in thousands", lambda: tables.times(tables.bands(312), 1000.0), PLAIN,
         (fault.UNSCALED,), RAW, raw=True, seed=312),
    case("five blobs stretched", lambda: tables.stretched(tables.blobs(313, d=6, classes=5,
         apart=6.0), 313, powers=1.5), TANH, (fault.UNSCALED,), RAW, raw=True, seed=313),
    case("shells shifted by 4", lambda: tables.shifted(tables.shells(314), 4.0), PLAIN,
         (fault.UNSCALED,), RAW, raw=True, seed=314),
    # plateau
    case("shells, sigmoid", lambda: tables.shells(320), SIGMOID.changed(epochs=30),
         (fault.PLATEAU,), fault.STALLED, seed=320),
    case("three shells, sigmoid of 4 layers", lambda: tables.shells(321, n=700, classes=3),
         SIGMOID.changed(hidden=(20,) * 4, epochs=50), (fault.PLATEAU, fault.VANISHING),
         fault.STALLED, seed=321),
    case("ring, sigmoid, patience", lambda: tables.ring(322, n=700), SIGMOID.changed(patience=8),
         (fault.PLATEAU,), fault.STALLED, seed=322),
    # vanishing
    case("digits, sigmoid of 6 layers", lambda: tables.bundled("digits"),
         SIGMOID.changed(hidden=(24,) * 6, epochs=20), (fault.VANISHING,), fault.STALLED, seed=330),
    case("five blobs, sigmoid of 5 layers", lambda: tables.blobs(331, d=6, classes=5),
         SIGMOID.changed(hidden=(18,) * 5), (fault.VANISHING,), fault.STALLED, seed=331),
    case("breast cancer, sigmoid of 6 layers", lambda: tables.bundled("breast_cancer"),
         SIGMOID.changed(hidden=(16,) * 6, epochs=40), (fault.VANISHING,), fault.STALLED, seed=332),
    case("shells, tanh of 4 layers", lambda: tables.shells(333, n=800),
         TANH.changed(hidden=(16,) * 4), (), (fault.OVERFIT,), seed=333),
    # exploding
    case("five blobs, relu of 7 layers, gain 5", lambda: tables.blobs(340, d=6, classes=5),
         PLAIN.changed(hidden=(20,) * 7, gain=5.0), (fault.EXPLODING,), (*fault.UNSETTLED,
         fault.LOW_RATE), seed=340),
    case("iris raw, sgd at 3", lambda: tables.bundled("iris"), PLAIN.changed(optimizer="sgd",
         learning_rate=3.0), (fault.EXPLODING, fault.UNSCALED, fault.HIGH_RATE), fault.UNSETTLED,
         raw=True, seed=341),
    case("shells, relu, sgd at 50", lambda: tables.shells(342), PLAIN.changed(optimizer="sgd",
         learning_rate=50.0), (fault.EXPLODING, fault.HIGH_RATE), fault.UNSETTLED, seed=342),
    # dead units
    case("bands, adam at 0.3", lambda: tables.bands(350), PLAIN.changed(hidden=(24, 24),
         learning_rate=0.3), (fault.DEAD,), fault.UNSETTLED, seed=350),
    case("five blobs, sgd at 1", lambda: tables.blobs(351, d=6, classes=5),
         PLAIN.changed(hidden=(24, 24), optimizer="sgd", learning_rate=1.0), (fault.DEAD,
         fault.HIGH_RATE), fault.UNSETTLED, seed=351),
    case("wine plus 30", lambda: tables.shifted(tables.columns(tables.bundled("wine"), (0, 1, 2, 5,
         6)), 30.0), PLAIN, (fault.DEAD, fault.UNSCALED), RAW, raw=True, seed=352),
    # saturated units
    case("breast cancer raw, tanh", lambda: tables.bundled("breast_cancer"), TANH, (fault.SATURATED,
         fault.UNSCALED), RAW, raw=True, seed=360),
    case("bands, tanh, gain 15", lambda: tables.bands(361), TANH.changed(gain=15.0),
         (fault.SATURATED,), (*fault.UNSETTLED, fault.LOW_RATE), seed=361),
    case("shells times 60, sigmoid", lambda: tables.times(tables.shells(362), 60.0), SIGMOID,
         (fault.SATURATED, fault.UNSCALED), RAW, raw=True, seed=362),
    # rate too low
    case("bands, adam at 1e-5", lambda: tables.bands(370), PLAIN.changed(learning_rate=1e-05),
         (fault.LOW_RATE, fault.UNDERFIT), UNTAUGHT, seed=370),
    case("iris, sgd at 1e-4", lambda: tables.bundled("iris"), TANH.changed(optimizer="sgd",
         learning_rate=0.0001, momentum=0.0), (fault.LOW_RATE, fault.UNDERFIT), UNTAUGHT, seed=371),
    case("five blobs, adamw at 2e-5", lambda: tables.blobs(372, d=6, classes=5, apart=6.0),
         PLAIN.changed(optimizer="adamw", learning_rate=2e-05), (fault.LOW_RATE, fault.UNDERFIT),
         UNTAUGHT, seed=372),
    # rate too high
    case("shells, adam at 1", lambda: tables.shells(380), PLAIN.changed(learning_rate=1.0),
         (fault.HIGH_RATE,), fault.UNSETTLED, seed=380),
    case("digits, sgd at 2", lambda: tables.bundled("digits"), PLAIN.changed(hidden=(30,),
         optimizer="sgd", learning_rate=2.0, epochs=30), (fault.HIGH_RATE,), fault.UNSETTLED,
         seed=381),
    case("iris, tanh, adam at 3", lambda: tables.bundled("iris"), TANH.changed(learning_rate=3.0),
         (fault.HIGH_RATE,), (*fault.UNSETTLED, fault.VANISHING), seed=382),
    # underfitting
    case("shells, linear", lambda: tables.shells(390), PLAIN.changed(hidden=()), (fault.UNDERFIT,),
         UNTAUGHT, seed=390),
    case("three shells, 2 units", lambda: tables.shells(391, n=800, classes=3),
         TANH.changed(hidden=(2,)), (fault.UNDERFIT,), UNTAUGHT, seed=391),
    case("bands of 2 waves, l2 = 0.2", lambda: tables.bands(392, waves=2.0), PLAIN.changed(l2=0.2),
         (fault.UNDERFIT,), (*UNTAUGHT, fault.DEAD), seed=392),
    # overfitting
    case("wine, half the labels random", lambda: tables.flipped(tables.bundled("wine"), 400, 0.5),
         PLAIN.changed(hidden=(32,), epochs=250), (fault.OVERFIT,), (fault.LABELS, fault.DEAD,
         fault.MISCALIBRATED), seed=400),
    case("blobs of 40 columns", lambda: tables.blobs(401, n=140, d=40, apart=2.0),
         TANH.changed(hidden=(32,), epochs=200), (fault.OVERFIT,), (fault.SATURATED,), seed=401),
    case("bands, noisy, few rows", lambda: tables.flipped(tables.bands(402, n=130), 402, 0.25),
         PLAIN.changed(hidden=(32, 32), epochs=500), (fault.OVERFIT,), (fault.DEAD, fault.LABELS,
         fault.MISCALIBRATED), seed=402),
    # imbalance
    case("blobs, 7 % rare", lambda: tables.blobs(410, n=900, d=4, classes=2, apart=1.9,
         shares=(0.93, 0.07)), PLAIN.changed(epochs=30), (fault.IMBALANCE,), (fault.PLATEAU,
         fault.OVERFIT), seed=410),
    case("moons, 5 % rare", lambda: tables.rare(tables.moons(411, n=2000, noise=0.6), 0, 50),
         TANH.changed(epochs=20), (fault.IMBALANCE,), (fault.PLATEAU, fault.OVERFIT), seed=411),
    case("four blobs, one rare", lambda: tables.blobs(412, n=1200, d=4, classes=4, apart=2.2,
         shares=(0.32, 0.32, 0.32, 0.04)), PLAIN.changed(epochs=20), (fault.IMBALANCE,),
         (fault.OVERFIT,), seed=412),
    case("iris, one rare and apart", lambda: tables.rare(tables.bundled("iris"), 0, 10), PLAIN,
         seed=413),
    # label errors
    case("bands, 9 % flipped", lambda: tables.flipped(tables.bands(420, n=700), 420, 0.09),
         PLAIN.changed(epochs=50), (fault.LABELS,), (fault.OVERFIT, fault.MISCALIBRATED), seed=420),
    case("five blobs, 7 % flipped", lambda: tables.flipped(tables.blobs(421, n=750, d=6, classes=5,
         apart=6.0), 421, 0.07), PLAIN.changed(epochs=40), (fault.LABELS,), (fault.OVERFIT,
         fault.MISCALIBRATED), seed=421),
    case("wine, 14 % flipped", lambda: tables.flipped(tables.bundled("wine"), 422, 0.14),
         TANH.changed(epochs=25), (fault.LABELS,), (fault.OVERFIT, fault.MISCALIBRATED), seed=422),
    case("noisy moons", lambda: tables.moons(423, n=800, noise=0.4), PLAIN.changed(epochs=40),
         seed=423),
    # leakage
    case("bands, 15 % leaked", lambda: tables.bands(430), PLAIN, (fault.LEAKAGE,), (),
         after_split=tables.repeated(0.15), seed=430),
    case("breast cancer, 6 % leaked", lambda: tables.bundled("breast_cancer"),
         PLAIN.changed(epochs=30), (fault.LEAKAGE,), (fault.OVERFIT,),
         after_split=tables.repeated(0.06), seed=431),
    case("five blobs, 40 % leaked", lambda: tables.blobs(432, d=6, classes=5), PLAIN,
         (fault.LEAKAGE,), (fault.OVERFIT,), after_split=tables.repeated(0.4), seed=432),
    case("few distinct rows, shells", lambda: tables.coarse(tables.times(tables.shells(433), 1.2)),
         PLAIN, (), (fault.OVERFIT, fault.UNDERFIT), seed=433),
    # miscalibration
    case("iris, labels smoothed by 0.5", lambda: tables.bundled("iris"),
         PLAIN.changed(label_smoothing=0.5), (fault.MISCALIBRATED,), (fault.UNDERFIT,), seed=440),
    case("noisy moons, gain 5", lambda: tables.moons(441, n=500, noise=0.5),
         PLAIN.changed(hidden=(24, 24), gain=5.0, epochs=12), (fault.MISCALIBRATED,),
         (fault.UNDERFIT, fault.OVERFIT, fault.EXPLODING, fault.LOW_RATE, fault.DEAD), seed=441),
    case("five blobs, mixup 8", lambda: tables.blobs(442, n=600, d=6, classes=5, apart=7.0),
         PLAIN.changed(mixup=8.0), (fault.MISCALIBRATED,), (fault.UNDERFIT,), seed=442),
    # wasted depth
    case("two blobs, silu of 9 layers", lambda: tables.blobs(463, d=6, classes=2, apart=5.0),
         PLAIN.changed(hidden=(20,) * 9, activation="silu"), (fault.DEEP,), (fault.OVERFIT,
         fault.UNDERFIT), seed=463),
    case("five blobs, relu of 10 layers", lambda: tables.blobs(461, d=6, classes=5, apart=6.0),
         PLAIN.changed(hidden=(24,) * 10), (fault.DEEP,), (fault.OVERFIT, fault.DEAD,
         fault.UNDERFIT), seed=461),
    case("wine, gelu of 8 layers", lambda: tables.bundled("wine"), PLAIN.changed(hidden=(18,) * 8,
         activation="gelu"), (fault.DEEP,), (fault.OVERFIT, fault.UNDERFIT), seed=462),
    # wasted width
    case("bands, 200-200", lambda: tables.bands(450), PLAIN.changed(hidden=(200, 200), epochs=40),
         (fault.WASTED,), (fault.OVERFIT, fault.DEAD), seed=450),
    case("iris, silu 400", lambda: tables.bundled("iris"), PLAIN.changed(hidden=(400,),
         activation="silu", epochs=60), (fault.WASTED,), (fault.OVERFIT,), seed=451),
    case("two blobs in 2 columns, tanh 100", lambda: tables.blobs(452, d=2, classes=2),
         TANH.changed(hidden=(100,), epochs=60), (fault.WASTED,), (fault.OVERFIT,), seed=452),
    case("digits, tanh 60", lambda: tables.bundled("digits"), TANH.changed(hidden=(60,), epochs=25),
         seed=453),
)
# fmt: on
