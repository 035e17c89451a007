#include "CEnvprobeSandbox.h"
typedef int envprobe_placeholder;
