import { OnMemOSClient } from 'onmemos';
import { exercise } from './sample.ts';

// Server and key come from the environment, as a user of the package has them.
console.log(JSON.stringify(await exercise(new OnMemOSClient(), 'sample')));
