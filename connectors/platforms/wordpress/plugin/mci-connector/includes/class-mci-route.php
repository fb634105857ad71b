<?php
/**
 * The one door through which MCI calls the shop.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * REST route `mci/v1/call`: checks the signature, has the call done, signs the answer.
 */
class MCI_Route {

	const NAMESPACE_ = 'mci/v1';
	const ROUTE      = '/call';

	/**
	 * Seconds for which the answer to a call that writes is remembered.
	 */
	const REMEMBERED = 600;

	/**
	 * The pairing.
	 *
	 * @var MCI_Pairing_Store
	 */
	private $store;

	/**
	 * What MCI must still hear.
	 *
	 * @var MCI_Queue
	 */
	private $queue;

	/**
	 * Who does what is asked.
	 *
	 * @var MCI_Ops
	 */
	private $ops;

	/**
	 * The secret with which this request was found right: an answer to `unpair` is still signed with it.
	 *
	 * @var string
	 */
	private $secret = '';

	/**
	 * UUID of the call, once it was read.
	 *
	 * @var string
	 */
	private $call_id = '';

	/**
	 * Constructor.
	 *
	 * @param MCI_Pairing_Store $store The pairing.
	 * @param MCI_Queue         $queue What MCI must still hear.
	 * @param MCI_Ops           $ops   Who does what is asked.
	 */
	public function __construct( MCI_Pairing_Store $store, MCI_Queue $queue, MCI_Ops $ops ) {
		$this->store = $store;
		$this->queue = $queue;
		$this->ops   = $ops;
	}

	/**
	 * Registers the route.
	 */
	public function register() {
		register_rest_route(
			self::NAMESPACE_,
			self::ROUTE,
			array(
				'methods'             => 'POST',
				'callback'            => array( $this, 'answer' ),
				'permission_callback' => array( $this, 'is_allowed' ),
			)
		);
		add_filter( 'rest_pre_serve_request', array( $this, 'serve' ), PHP_INT_MAX, 3 );
	}

	/**
	 * Whether the request is MCI's: the signature first, then the clock.
	 *
	 * @param WP_REST_Request $request The request.
	 * @return true|WP_Error
	 */
	public function is_allowed( $request ) {
		$secret  = $this->store->secret();
		$waiting = $this->store->waiting_code( time() );
		if ( 'prove' === $this->op( $request ) ) {
			return '' === $waiting ? self::no( 'not_paired' ) : true;
		}
		if ( '' === $secret ) {
			return '' === $waiting ? self::no( 'not_paired' ) : self::no( 'pairing', array(), 503 ); // MCI has the secret before the shop.
		}
		$timestamp = (string) $request->get_header( MCI_Signature::HEADER_TIMESTAMP );
		$signature = (string) $request->get_header( MCI_Signature::HEADER_SIGNATURE );
		if ( ! MCI_Signature::matches( $secret, $timestamp, $request->get_body(), $signature ) ) {
			return '' === $waiting ? self::no( 'bad_signature' ) : self::no( 'pairing', array(), 503 );
		}
		$this->secret = $secret;
		$id           = strtolower( (string) $request->get_header( MCI_Signature::HEADER_ID ) );
		if ( ! MCI_Signature::is_fresh( $timestamp, time() ) ) {
			$this->call_id = 1 === preg_match( MCI_Call::UUID, $id ) ? $id : '';
			return self::no( 'stale', array( 'time' => time() ) );
		}
		return true;
	}

	/**
	 * Has a call done.
	 *
	 * @param WP_REST_Request $request The request.
	 * @return WP_REST_Response
	 */
	public function answer( $request ) {
		if ( 'prove' === $this->op( $request ) ) {
			$data      = json_decode( $request->get_body(), true );
			$challenge = isset( $data['challenge'] ) && is_string( $data['challenge'] ) ? $data['challenge'] : '';
			return $this->reply( 200, array( 'proof' => MCI_Signature::proof( $this->store->waiting_code( time() ), $challenge ) ) );
		}
		try {
			$call          = MCI_Call::read( $request->get_body(), (string) $request->get_header( MCI_Signature::HEADER_ID ) );
			$this->call_id = $call->id;
			if ( ! function_exists( 'WC' ) ) {
				throw new MCI_Refusal( 409, 'woocommerce_missing' );
			}
			$this->is_back();
			return $this->reply( 200, $this->once( $call ) );
		} catch ( MCI_Refusal $refusal ) {
			$data = array( 'error' => $refusal->error );
			if ( '' !== $refusal->getMessage() ) {
				$data['message'] = $refusal->getMessage();
			}
			return $this->reply( $refusal->status, $data );
		} catch ( Throwable $error ) {
			if ( function_exists( 'wc_get_logger' ) ) {
				wc_get_logger()->error(
					sprintf( 'A call failed: %s in %s:%d', get_class( $error ), basename( $error->getFile() ), $error->getLine() ),
					array( 'source' => 'mci-connector' )
				);
			}
			return $this->reply( 500, array( 'error' => 'internal' ) );
		}
	}

	/**
	 * Writes the answer by itself: what is signed must be what is sent, to the byte.
	 *
	 * @param bool             $served  Whether somebody has written it already.
	 * @param WP_HTTP_Response $result  The answer.
	 * @param WP_REST_Request  $request The request.
	 * @return bool
	 */
	public function serve( $served, $result, $request ) {
		if ( $served || '/' . self::NAMESPACE_ . self::ROUTE !== $request->get_route() || 'POST' !== $request->get_method() ) {
			return $served;
		}
		$data = $result->get_data();
		$data = is_array( $data ) ? $data : array();
		if ( isset( $data['code'], $data['data'] ) ) { // A refusal before the call was read; also WordPress's own.
			$more = is_array( $data['data'] ) ? array_diff_key( $data['data'], array( 'status' => 0 ) ) : array();
			$ours = 0 === strpos( (string) $data['code'], 'mci_' );
			$data = $ours ? array( 'error' => substr( $data['code'], 4 ) ) + $more : array(
				'error'   => 'bad_request',
				'message' => (string) $data['code'],
			);
		}
		if ( '' !== $this->secret ) {
			$data = array( 'call' => $this->call_id ) + $data;
		}
		$body = MCI_Message::encode( $data );
		header( 'Content-Type: application/json; charset=UTF-8' );
		header( 'Cache-Control: no-store' );
		if ( '' !== $this->secret ) {
			foreach ( MCI_Signature::headers( $this->secret, $this->call_id, $body, time() ) as $name => $value ) {
				header( $name . ': ' . $value );
			}
		}
		if ( ob_get_level() > 0 && ob_get_length() > 0 ) {
			ob_clean(); // What another plugin wrote would break the signature.
		}
		echo $body; // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- JSON.
		return true;
	}

	/**
	 * Does a call that writes only once: the repeat of one whose answer was lost gets that answer.
	 *
	 * @param MCI_Call $call The call.
	 * @return array<string,mixed>
	 * @throws MCI_Refusal When the first is still at work.
	 */
	private function once( MCI_Call $call ) {
		if ( ! $this->ops->writes( $call->op ) ) {
			return $this->ops->run( $call );
		}
		$memory = 'mci_connector_call_' . md5( $call->id );
		$lock   = MCI_Lock::take( $memory, 120 );
		if ( '' === $lock ) {
			throw new MCI_Refusal( 409, 'in_progress' );
		}
		try {
			$known = get_transient( $memory );
			if ( is_string( $known ) ) {
				return (array) json_decode( $known ); // Objects within stay objects.
			}
			$data = $this->ops->run( $call );
			set_transient( $memory, MCI_Message::encode( $data ), self::REMEMBERED );
			return $data;
		} finally {
			MCI_Lock::give( $memory, $lock );
		}
	}

	/**
	 * MCI calls, so it is there: what waited for it need not wait longer.
	 */
	private function is_back() {
		if ( '' !== $this->store->state( 'stopped' ) ) {
			$this->store->set_state( array( 'stopped' => '' ) );
		}
		$this->queue->hurry( time() );
	}

	/**
	 * An answer.
	 *
	 * @param int                 $status HTTP status.
	 * @param array<string,mixed> $data   What to say.
	 * @return WP_REST_Response
	 */
	private function reply( $status, array $data ) {
		return new WP_REST_Response( $data, $status );
	}

	/**
	 * A refusal.
	 *
	 * @param string              $error  The protocol's word.
	 * @param array<string,mixed> $more   What goes with it.
	 * @param int                 $status HTTP status.
	 * @return WP_Error
	 */
	private static function no( $error, array $more = array(), $status = 401 ) {
		return new WP_Error( 'mci_' . $error, '', array( 'status' => $status ) + $more );
	}

	/**
	 * What is asked, before anything is believed.
	 *
	 * @param WP_REST_Request $request The request.
	 * @return string
	 */
	private function op( $request ) {
		$data = json_decode( $request->get_body(), true, 32 );
		return is_array( $data ) && isset( $data['op'] ) && is_string( $data['op'] ) ? $data['op'] : '';
	}
}
