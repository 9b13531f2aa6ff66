#include "core/sim/fill_tape.hpp"

namespace fermata {

TapedFill* FillTape::find(ExecId id) noexcept {
    if (id.value == 0) return nullptr;
    for (TapedFill& fill : fills_) {
        if (fill.exec_id == id) return &fill;
    }
    return nullptr;
}

}  // namespace fermata
