#include "CEnvprobeRecorder.h"
typedef int envprobe_placeholder;
