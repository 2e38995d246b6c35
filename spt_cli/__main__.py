import sys
from spt_cli.commands import main
sys.exit(main())
