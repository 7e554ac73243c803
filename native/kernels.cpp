// The core for one instruction set; compiled once for each (see CMakeLists.txt).
#include "probes.hpp"
#include "trainer.hpp"

#define LEVELSET_STRING(name) #name
#define LEVELSET_NAME(name) LEVELSET_STRING(name)

namespace levelset::LEVELSET_PATH {

template <class T>
constexpr Backend<T> backend{workspace_bytes<T>, initialize<T>, train<T>,
                             predict<T>,         gradient<T>,   elementary<T>};

extern const Path path;
const Path path{LEVELSET_NAME(LEVELSET_PATH), &backend<float>, &backend<double>, random_words, assist};

}  // namespace levelset::LEVELSET_PATH
